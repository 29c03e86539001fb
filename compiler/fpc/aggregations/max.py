"""max: the greatest value."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.aggregations.aggregation import Aggregation, Parameters, State
from fpc.aggregations.extreme import Extreme
from fpc.aggregations.ordering import rank
from fpc.aggregations.signature import same, single_values
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class MaxFold(Extreme):
    """The greatest value so far."""

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Compare a value that is not null."""
        if value is not None:
            self.offer(rank(value), value)


def _fold(parameters: Parameters) -> MaxFold:
    return MaxFold(greatest=True)


def _direct(argument: LogicalType | None) -> str:
    return "MAX(x) FILTER (WHERE f)"


def _states(argument: LogicalType | None) -> tuple[State, ...]:
    return (State("greatest", "x", "MAX"),)


def _finalise(argument: LogicalType | None) -> str:
    return "greatest"


MAX = Aggregation(
    name="max",
    spellings=("MAX",),
    summary="The greatest value, in the order of SQL (text by code point, NaN above all numbers). Null of nothing.",
    accepts=single_values,
    result=same,
    direct=_direct,
    states=_states,
    finalise=_finalise,
    fold=_fold,
)
