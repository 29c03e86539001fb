"""min: the least value."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.aggregations.aggregation import Aggregation, Parameters, State
from fpc.aggregations.extreme import Extreme
from fpc.aggregations.ordering import rank
from fpc.aggregations.signature import same, single_values
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class MinFold(Extreme):
    """The least value so far."""

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Compare a value that is not null."""
        if value is not None:
            self.offer(rank(value), value)


def _fold(parameters: Parameters) -> MinFold:
    return MinFold(greatest=False)


def _direct(argument: LogicalType | None) -> str:
    return "MIN(x) FILTER (WHERE f)"


def _states(argument: LogicalType | None) -> tuple[State, ...]:
    return (State("least", "x", "MIN"),)


def _finalise(argument: LogicalType | None) -> str:
    return "least"


MIN = Aggregation(
    name="min",
    spellings=("MIN",),
    summary="The least value, in the order of SQL (text by code point, NaN above all numbers). Null of nothing.",
    accepts=single_values,
    result=same,
    direct=_direct,
    states=_states,
    finalise=_finalise,
    fold=_fold,
)
