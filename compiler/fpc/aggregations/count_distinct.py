"""count_distinct: how many different values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.signature import anything, bigint
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class DistinctFold:
    """The set of values seen; lists are kept as tuples."""

    values: set[object] = field(default_factory=set)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Keep a value that is not null."""
        if value is not None:
            self.values.add(_hashable(value))

    def merge(self, other: Self) -> None:
        """Unite the sets."""
        self.values |= other.values

    def finalise(self) -> int:
        """The size of the set; 0 of nothing."""
        return len(self.values)


def _hashable(value: object) -> object:
    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    return "NaN" if value != value else value


def fold_distinct(parameters: Parameters) -> DistinctFold:
    """An empty set."""
    return DistinctFold()


def direct_distinct(argument: LogicalType | None) -> str:
    """Exact SQL of a distinct count."""
    return "COUNT(DISTINCT x) FILTER (WHERE f)"


COUNT_DISTINCT = Aggregation(
    name="count_distinct",
    spellings=("COUNT_DISTINCT",),
    summary="The number of different values that are not null; also spelled COUNT(DISTINCT x). 0 where there is none.",
    accepts=anything,
    result=bigint,
    direct=direct_distinct,
    fold=fold_distinct,
)
