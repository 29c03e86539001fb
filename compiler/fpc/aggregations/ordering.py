"""The order of values that all paths share: SQL's, with NaN above every other number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, cast


class Comparable(Protocol):
    """Anything that `<` orders."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether it comes before `other`."""
        ...


def rank(value: object) -> Comparable:
    """What to sort a value that is not null by.

    >>> sorted([2.0, float("nan"), 1.0], key=rank)
    [1.0, 2.0, nan]
    """
    return cast("Comparable", (value != value, value))


def number(value: object) -> int | float | Decimal:
    """A numeric value, checked."""
    assert isinstance(value, (int, float, Decimal)), type(value)
    return value


def exact(value: object) -> Fraction | float:
    """The value as a fraction, so that sums lose nothing; a float that no fraction equals (NaN, infinity) as it is."""
    checked = number(value)
    if isinstance(checked, float) and (checked != checked or checked in (float("inf"), float("-inf"))):
        return checked
    return Fraction(checked)
