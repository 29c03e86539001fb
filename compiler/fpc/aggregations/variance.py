"""variance: the variance of a sample."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.moments import MomentsFold, finalise_moments, has_exact_moments, states_of_moments
from fpc.aggregations.signature import double, numbers
from fpc.types.logical import LogicalType


def _fold(parameters: Parameters) -> MomentsFold:
    return MomentsFold(sample=True, root=False)


def _direct(argument: LogicalType | None) -> str:
    # In the order of the values, because the engine adds doubles up as they come.
    return "VAR_SAMP(x ORDER BY x) FILTER (WHERE f)"


def _finalise(argument: LogicalType | None) -> str | None:
    return finalise_moments(argument, sample=True, root=False)


VARIANCE = Aggregation(
    name="variance",
    spellings=("VARIANCE", "VAR_SAMP"),
    summary="The variance of a sample, as DOUBLE. Null of fewer than two values.",
    accepts=numbers,
    result=double,
    direct=_direct,
    states=states_of_moments,
    finalise=_finalise,
    subtracts=has_exact_moments,
    fold=_fold,
)
