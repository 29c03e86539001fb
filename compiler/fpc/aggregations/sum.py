"""sum: the total of the values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Self

from fpc.aggregations.aggregation import Aggregation, Parameters, State
from fpc.aggregations.ordering import exact
from fpc.aggregations.signature import numbers, total
from fpc.types.logical import Kind, LogicalType

COUNTED = State("n", "CASE WHEN x IS NOT NULL THEN 1 ELSE 0 END", "SUM")
TOTALLED = State("total", "COALESCE(x, 0)", "SUM")


@dataclass(slots=True)
class SumFold:
    """An exact running total, and the kind of number that it is made of."""

    kind: type[int] | type[float] | type[Decimal] | None = None
    total: Fraction | float = Fraction(0)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Add a value that is not null."""
        if value is not None:
            self.kind = type(value)  # type: ignore[assignment]  # one of the three: `exact` checks it
            self.total += exact(value)

    def merge(self, other: Self) -> None:
        """Add the totals."""
        self.kind = self.kind or other.kind
        self.total += other.total

    def finalise(self) -> int | float | Decimal | None:
        """The total in the values' own kind; None of nothing."""
        if self.kind is None:
            return None
        if issubclass(self.kind, Decimal):
            numerator, denominator = self.total.as_integer_ratio()
            return Context(prec=76).divide(Decimal(numerator), Decimal(denominator))
        return self.kind(self.total)


def _fold(parameters: Parameters) -> SumFold:
    return SumFold()


def _direct(argument: LogicalType | None) -> str:
    assert argument is not None
    if argument.is_float:
        return "SUM(x ORDER BY x) FILTER (WHERE f)"
    if argument.kind in (Kind.INTEGER, Kind.BIGINT):
        return "CAST(SUM(x) FILTER (WHERE f) AS BIGINT)"
    return "SUM(x) FILTER (WHERE f)"


def states_of_total(argument: LogicalType | None) -> tuple[State, ...]:
    """How many values, and their total."""
    return (COUNTED, TOTALLED)


def exactly(argument: LogicalType | None) -> bool:
    """Totals subtract where addition is exact; of floats, a difference of two long totals has lost its digits."""
    return argument is not None and argument.is_exact


def _finalise(argument: LogicalType | None) -> str:
    return "CASE WHEN n > 0 THEN total END"


SUM = Aggregation(
    name="sum",
    spellings=("SUM",),
    summary="The total: BIGINT of integers (more is an error), DECIMAL of decimals, DOUBLE of floats. Null of nothing.",
    accepts=numbers,
    result=total,
    direct=_direct,
    states=states_of_total,
    finalise=_finalise,
    subtracts=exactly,
    fold=_fold,
)
