"""all: whether every value is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fpc.aggregations.aggregation import Aggregation, Parameters, State
from fpc.aggregations.signature import boolean, booleans
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class AllFold:
    """The answer so far."""

    value: bool | None = None

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Take in a value that is not null."""
        if value is not None:
            self.value = bool(value) if self.value is None else self.value and bool(value)

    def merge(self, other: Self) -> None:
        """Take in the other's answer."""
        self.update(other.value, 0, 0)

    def finalise(self) -> bool | None:
        """The answer; None of nothing."""
        return self.value


def _fold(parameters: Parameters) -> AllFold:
    return AllFold()


def _direct(argument: LogicalType | None) -> str:
    return "BOOL_AND(x) FILTER (WHERE f)"


def _states(argument: LogicalType | None) -> tuple[State, ...]:
    return (State("all_true", "x", "BOOL_AND"),)


def _finalise(argument: LogicalType | None) -> str:
    return "all_true"


EVERY = Aggregation(
    name="all",
    spellings=("BOOL_AND",),
    summary="Whether every value is true, nulls aside. Null of nothing.",
    accepts=booleans,
    result=boolean,
    direct=_direct,
    states=_states,
    finalise=_finalise,
    fold=_fold,
)
