"""first: the oldest value that is not null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fpc.aggregations.aggregation import Aggregation, Parameters, State
from fpc.aggregations.extreme import Extreme
from fpc.aggregations.ordering import Comparable, rank
from fpc.aggregations.signature import same, single_values
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class FirstFold(Extreme):
    """The oldest value so far, by event time, then known time, then the value itself."""

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Compare a value that is not null."""
        if value is not None:
            self.offer(cast("Comparable", (event_time, known_time, rank(value))), value)


def _fold(parameters: Parameters) -> FirstFold:
    return FirstFold(greatest=False)


def _direct(argument: LogicalType | None) -> str:
    # A row whose value is null is skipped by ARG_MIN itself.
    return "ARG_MIN(x, (event_at, known_at, x)) FILTER (WHERE f)"


def _states(argument: LogicalType | None) -> tuple[State, ...]:
    update = "CASE WHEN x IS NOT NULL THEN {'event_at': event_at, 'known_at': known_at, 'value': x} END"
    return (State("oldest", update, "MIN"),)


def _finalise(argument: LogicalType | None) -> str:
    return "STRUCT_EXTRACT(oldest, 'value')"


FIRST = Aggregation(
    name="first",
    spellings=("FIRST", "ANY_VALUE"),
    summary="The oldest value that is not null: by event time, then known time, then least value. Null of nothing.",
    accepts=single_values,
    result=same,
    direct=_direct,
    states=_states,
    finalise=_finalise,
    fold=_fold,
)
