"""var_pop: the variance of a whole population."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.moments import MomentsFold, finalise_moments, has_exact_moments, states_of_moments
from fpc.aggregations.signature import double, numbers
from fpc.types.logical import LogicalType


def _fold(parameters: Parameters) -> MomentsFold:
    return MomentsFold(sample=False, root=False)


def _direct(argument: LogicalType | None) -> str:
    # In the order of the values, because the engine adds doubles up as they come.
    return "VAR_POP(x ORDER BY x) FILTER (WHERE f)"


def _finalise(argument: LogicalType | None) -> str | None:
    return finalise_moments(argument, sample=False, root=False)


VAR_POP = Aggregation(
    name="var_pop",
    spellings=("VAR_POP",),
    summary="The variance of a whole population, as DOUBLE. Null of nothing.",
    accepts=numbers,
    result=double,
    direct=_direct,
    states=states_of_moments,
    finalise=_finalise,
    subtracts=has_exact_moments,
    fold=_fold,
)
