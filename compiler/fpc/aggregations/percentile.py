"""percentile(p): the value below which a share p of the values lies."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.quantile import QuantileFold, direct_quantile
from fpc.aggregations.signature import double, fraction, numbers


def _fold(parameters: Parameters) -> QuantileFold:
    return QuantileFold(float(parameters[0]))


PERCENTILE = Aggregation(
    name="percentile",
    spellings=("PERCENTILE", "QUANTILE_CONT", "PERCENTILE_CONT"),
    summary="The p-quantile, interpolated between neighbours, as DOUBLE. Null of nothing.",
    parameters=1,
    problem=fraction,
    accepts=numbers,
    result=double,
    direct=direct_quantile,
    fold=_fold,
)
