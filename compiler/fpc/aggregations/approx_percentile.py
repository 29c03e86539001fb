"""approx_percentile(p): the value below which a share p of the values lies."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.quantile import QuantileFold, direct_quantile
from fpc.aggregations.signature import double, fraction, numbers


def _fold(parameters: Parameters) -> QuantileFold:
    return QuantileFold(float(parameters[0]))


APPROX_PERCENTILE = Aggregation(
    name="approx_percentile",
    spellings=("APPROX_PERCENTILE", "APPROX_QUANTILE"),
    summary="The p-quantile where an estimate would do; computed exactly, as DOUBLE. Null of nothing.",
    parameters=1,
    problem=fraction,
    accepts=numbers,
    result=double,
    direct=direct_quantile,
    fold=_fold,
)
