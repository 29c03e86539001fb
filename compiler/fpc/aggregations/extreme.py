"""The fold of min, max, first and last: the greatest or least of something, and a value that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fpc.aggregations.ordering import Comparable


@dataclass(slots=True)
class Extreme:
    """The value with the greatest key so far (`greatest`), or with the least."""

    greatest: bool
    key: Comparable | None = None
    value: object = None

    def offer(self, key: Comparable, value: object) -> None:
        """Take the value if its key beats the one that stands."""
        if self.key is None or (self.key < key if self.greatest else key < self.key):
            self.key, self.value = key, value

    def merge(self, other: Self) -> None:
        """Take the other's value if its key beats the one that stands."""
        if other.key is not None:
            self.offer(other.key, other.value)

    def finalise(self) -> object:
        """The value that stands; None of nothing."""
        return self.value
