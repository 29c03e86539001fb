"""count: how many events, or how many values that are not null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fpc.aggregations.aggregation import Aggregation, Parameters, State
from fpc.aggregations.signature import anything, bigint
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class CountFold:
    """A running count."""

    values: int = 0

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Count a value that is not null."""
        self.values += value is not None

    def merge(self, other: Self) -> None:
        """Add the counts."""
        self.values += other.values

    def finalise(self) -> int:
        """The count; 0 of nothing."""
        return self.values


def _fold(parameters: Parameters) -> CountFold:
    return CountFold()


def _direct(argument: LogicalType | None) -> str:
    return "COUNT(*) FILTER (WHERE f)" if argument is None else "COUNT(x) FILTER (WHERE f)"


def _states(argument: LogicalType | None) -> tuple[State, ...]:
    update = "1" if argument is None else "CASE WHEN x IS NOT NULL THEN 1 ELSE 0 END"
    return (State("n", update, "SUM"),)


def _subtracts(argument: LogicalType | None) -> bool:
    return True


def _finalise(argument: LogicalType | None) -> str:
    return "CAST(n AS BIGINT)"


COUNT = Aggregation(
    name="count",
    spellings=("COUNT",),
    summary="The number of events, or of values that are not null; 0 where there is none.",
    arguments=(0, 1),
    accepts=anything,
    result=bigint,
    direct=_direct,
    states=_states,
    finalise=_finalise,
    subtracts=_subtracts,
    fold=_fold,
)
