"""first_k(k): the oldest k values that are not null."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.ends import EndsFold
from fpc.aggregations.signature import listed, single_values, whole_and_positive
from fpc.types.logical import LogicalType


def _fold(parameters: Parameters) -> EndsFold:
    return EndsFold(int(parameters[0]), newest=False)


def _direct(argument: LogicalType | None) -> str:
    return "ARG_MIN(x, (event_at, known_at, x), p) FILTER (WHERE f)"


FIRST_K = Aggregation(
    name="first_k",
    spellings=("FIRST_K",),
    summary="The oldest k values that are not null, oldest first, repeats included; fewer where there are fewer. "
    "Null of nothing.",
    parameters=1,
    problem=whole_and_positive,
    accepts=single_values,
    result=listed,
    direct=_direct,
    fold=_fold,
)
