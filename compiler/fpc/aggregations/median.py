"""median: the value in the middle."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.quantile import QuantileFold
from fpc.aggregations.signature import double, numbers
from fpc.types.logical import LogicalType


def _fold(parameters: Parameters) -> QuantileFold:
    return QuantileFold(0.5)


def _direct(argument: LogicalType | None) -> str:
    value = "x" if argument is not None and str(argument) == "double" else "CAST(x AS DOUBLE)"
    return f"MEDIAN({value}) FILTER (WHERE f)"


MEDIAN = Aggregation(
    name="median",
    spellings=("MEDIAN",),
    summary="The value in the middle, or midway between the two there, as DOUBLE. Null of nothing.",
    accepts=numbers,
    result=double,
    direct=_direct,
    fold=_fold,
)
