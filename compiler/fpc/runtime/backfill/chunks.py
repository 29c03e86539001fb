"""Ranges of time: cut along the calendar, less what is done already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, assert_never

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: 1970-01-05 was a Monday.
_MONDAY: Final = timedelta(days=4)


class Chunk(Enum):
    """The calendar's unit by which a range is cut, in UTC; weeks begin on Monday. `ALL` leaves it whole."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """The instants [start, end), in microseconds since 1970."""

    start_us: int
    end_us: int

    def overlap(self, other: Range) -> Range | None:
        """What both hold; None for nothing."""
        start, end = max(self.start_us, other.start_us), min(self.end_us, other.end_us)
        return Range(start, end) if start < end else None

    def without(self, others: Iterable[Range]) -> Iterator[Range]:
        """What the others do not hold, in order.

        >>> list(Range(0, 9).without([Range(2, 3), Range(5, 20)]))
        [Range(start_us=0, end_us=2), Range(start_us=3, end_us=5)]
        """
        start = self.start_us
        for other in sorted(others):
            if other.end_us <= start:
                continue
            if other.start_us >= self.end_us:
                break
            if other.start_us > start:
                yield Range(start, other.start_us)
            start = other.end_us
        if start < self.end_us:
            yield Range(start, self.end_us)


def cut(whole: Range, chunk: Chunk) -> Iterator[Range]:
    """The range in the calendar's units, the first and last of which may be parts.

    >>> day = 86_400_000_000
    >>> [part.end_us // day for part in cut(Range(30 * day, 62 * day), Chunk.MONTH)]
    [31, 59, 62]
    """
    start = whole.start_us
    while start < whole.end_us:
        end = min(_next(start, chunk) or whole.end_us, whole.end_us)
        yield Range(start, end)
        start = end


def _next(at_us: int, chunk: Chunk) -> int | None:
    day = (_EPOCH + timedelta(microseconds=at_us)).replace(hour=0, minute=0, second=0, microsecond=0)
    match chunk:
        case Chunk.DAY:
            after = day + timedelta(days=1)
        case Chunk.WEEK:
            after = day + timedelta(days=7 - (day - _EPOCH - _MONDAY).days % 7)
        case Chunk.MONTH:
            after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        case Chunk.ALL:
            return None
        case _:
            assert_never(chunk)
    return (after - _EPOCH) // _MICROSECOND
