"""avg: the arithmetic mean."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.ordering import exact
from fpc.aggregations.signature import double, numbers
from fpc.aggregations.sum import exactly, states_of_total
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class AverageFold:
    """How many values, and their exact total."""

    values: int = 0
    total: Fraction | float = Fraction(0)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Add a value that is not null."""
        if value is not None:
            self.values += 1
            self.total += exact(value)

    def merge(self, other: Self) -> None:
        """Add counts and totals."""
        self.values += other.values
        self.total += other.total

    def finalise(self) -> float | None:
        """The mean; None of nothing."""
        return float(self.total / self.values) if self.values else None


def _fold(parameters: Parameters) -> AverageFold:
    return AverageFold()


def _direct(argument: LogicalType | None) -> str:
    assert argument is not None
    return "AVG(x ORDER BY x) FILTER (WHERE f)" if argument.is_float else "AVG(x) FILTER (WHERE f)"


def _finalise(argument: LogicalType | None) -> str:
    return "CASE WHEN n > 0 THEN CAST(total AS DOUBLE) / n END"


AVG = Aggregation(
    name="avg",
    spellings=("AVG", "MEAN"),
    summary="The arithmetic mean of the values, as DOUBLE. Null of nothing.",
    accepts=numbers,
    result=double,
    direct=_direct,
    states=states_of_total,
    finalise=_finalise,
    subtracts=exactly,
    fold=_fold,
)
