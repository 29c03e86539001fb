"""What variance, stddev and their population forms share: exact moments where the type allows, and one fold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from fpc.aggregations.aggregation import State
from fpc.aggregations.ordering import exact
from fpc.aggregations.sum import COUNTED
from fpc.types.logical import Kind, LogicalType

# n * (sum of squares) of this many digits fits HUGEINT up to ten million values that fill every digit.
_WIDEST_EXACT_PRECISION: Final = 12


@dataclass(slots=True)
class MomentsFold:
    """Exact count, sum and sum of squares; `sample` divides by n - 1, `root` takes the square root."""

    sample: bool
    root: bool
    values: int = 0
    total: Fraction | float = Fraction(0)
    squares: Fraction | float = Fraction(0)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Add a value that is not null."""
        if value is not None:
            known = exact(value)
            self.values += 1
            self.total += known
            self.squares += known * known

    def merge(self, other: Self) -> None:
        """Add the moments."""
        self.values += other.values
        self.total += other.total
        self.squares += other.squares

    def finalise(self) -> float | None:
        """The variance or its root; None of fewer values than it needs."""
        divisor = self.values - self.sample
        if self.values == 0 or divisor == 0:
            return None
        variance = float((self.squares - self.total * self.total / self.values) / divisor)
        return math.sqrt(variance) if self.root else variance


def states_of_moments(argument: LogicalType | None) -> tuple[State, ...]:
    """Count, sum and sum of squares in whole units of the last digit, where HUGEINT holds them; else none.

    Of floats there are none: a difference of two large sums of squares has lost the digits that matter.
    """
    unit = _whole_units(argument)
    if unit is None:
        return ()
    return (
        COUNTED,
        State("total", f"COALESCE({unit}, 0)", "SUM"),
        State("squares", f"COALESCE({unit} * {unit}, 0)", "SUM"),
    )


def finalise_moments(argument: LogicalType | None, *, sample: bool, root: bool) -> str | None:
    """SQL over the states; exact up to the one division."""
    if argument is None or _whole_units(argument) is None:
        return None
    divisor, least = ("(CAST(n AS DOUBLE) * (n - 1))", 2) if sample else ("(CAST(n AS DOUBLE) * n)", 1)
    variance = f"CAST(n * squares - total * total AS DOUBLE) / {divisor}"
    if argument.scale:
        variance = f"{variance} / 1e{2 * argument.scale}"
    return f"CASE WHEN n >= {least} THEN {f'SQRT({variance})' if root else variance} END"


def has_exact_moments(argument: LogicalType | None) -> bool:
    """Whether the moments are exact, and so subtract."""
    return _whole_units(argument) is not None


def _whole_units(argument: LogicalType | None) -> str | None:
    if argument is None:
        return None
    match argument.kind:
        case Kind.INTEGER:
            return "CAST(x AS HUGEINT)"
        case Kind.DECIMAL if (argument.precision or 0) <= _WIDEST_EXACT_PRECISION:
            return f"CAST(x * 1{'0' * (argument.scale or 0)} AS HUGEINT)"
        case _:
            return None
