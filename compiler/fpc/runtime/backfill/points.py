"""The grid points of a history: those of the view's schedule, or the first of them in each multiple of a duration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cronsim import CronSim

from fpc.contract.registry import GridContract
from fpc.runtime.grid import latest_point

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Grid points: the first and the last of a range, and the one before the first."""

    before_us: int
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a schedule, or with `every_us` the first of them in each multiple of it.

    >>> hourly = Points(GridContract(3_600_000_000, None), None)
    >>> hourly.stretch(1, 10_800_000_000)
    Stretch(before_us=0, first_us=3600000000, last_us=7200000000)
    """

    grid: GridContract
    every_us: int | None

    def stretch(self, start_us: int, end_us: int) -> Stretch | None:
        """The points in [start, end); None where there is none."""
        first, last = self.next(start_us), self.latest(end_us - 1)
        return None if first > last else Stretch(self.latest(first - 1), first, last)

    def count(self, stretch: Stretch) -> int:
        """How many points the stretch has; counted one by one where the schedule is a cron."""
        if self.grid.every_us is not None:
            return (stretch.last_us - stretch.first_us) // self.grid.every_us + 1
        count, point = 1, stretch.first_us
        while point < stretch.last_us:
            count, point = count + 1, self.next(point + 1)
        return count

    def next(self, at_us: int) -> int:
        """The first point that is not before the instant."""
        if self.every_us is None:
            return self._scheduled(at_us)
        bucket = at_us // self.every_us
        point = self._first_in(bucket)
        while point is None or point < at_us:
            # A schedule with long pauses has nothing in many multiples: go where it next has something.
            bucket = max(bucket + 1, self._scheduled((bucket + 1) * self.every_us) // self.every_us)
            point = self._first_in(bucket)
        return point

    def latest(self, at_us: int) -> int:
        """The last point that is not after the instant."""
        scheduled = latest_point(self.grid, at_us)
        if self.every_us is None:
            return scheduled
        point = self._first_in(scheduled // self.every_us)
        while point is None or point > at_us:
            scheduled = latest_point(self.grid, scheduled // self.every_us * self.every_us - 1)
            point = self._first_in(scheduled // self.every_us)
        return point

    def _first_in(self, bucket: int) -> int | None:
        assert self.every_us is not None
        point = self._scheduled(bucket * self.every_us)
        return point if point // self.every_us == bucket else None

    def _scheduled(self, at_us: int) -> int:
        if self.grid.every_us is not None:
            return -(-at_us // self.grid.every_us) * self.grid.every_us
        assert self.grid.cron is not None
        # The iterator yields times strictly after the one that it starts from, in whole seconds.
        start = _EPOCH + timedelta(microseconds=-(-at_us // 1_000_000) * 1_000_000) - timedelta(seconds=1)
        return (next(CronSim(self.grid.cron, start)) - _EPOCH) // _MICROSECOND
