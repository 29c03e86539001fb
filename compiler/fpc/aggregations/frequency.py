"""The fold of mode and top_k: how often each value occurs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from fpc.aggregations.ordering import rank


@dataclass(slots=True)
class Frequencies:
    """A count per value."""

    counts: Counter[object] = field(default_factory=Counter)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Count a value that is not null."""
        if value is not None:
            self.counts[value] += 1

    def merge(self, other: Self) -> None:
        """Add the counts."""
        self.counts.update(other.counts)

    def most_frequent(self) -> list[object]:
        """Every value, the most frequent first, equally frequent ones in their own order."""
        by_value = sorted(self.counts, key=rank)
        return sorted(by_value, key=lambda value: -self.counts[value])
