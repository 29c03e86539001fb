"""The fold of first_k and last_k: the k oldest or newest values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from fpc.aggregations.ordering import rank


@dataclass(slots=True)
class EndsFold:
    """The `k` newest (or oldest) values with the keys that order them: event time, known time, the value itself."""

    k: int
    newest: bool
    kept: list[tuple[tuple[int, int, Any], object]] = field(default_factory=list)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Keep a value that is not null while it is among the k."""
        if value is not None:
            self.kept.append(((event_time, known_time, rank(value)), value))
            self._trim()

    def merge(self, other: Self) -> None:
        """Keep the k of both."""
        self.kept.extend(other.kept)
        self._trim()

    def finalise(self) -> list[object] | None:
        """The values, newest (or oldest) first; None of nothing."""
        return [value for _, value in self.kept] or None

    def _trim(self) -> None:
        self.kept.sort(key=lambda entry: entry[0], reverse=self.newest)
        del self.kept[self.k :]
