"""The longest time that a cron schedule leaves out."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from cronsim import CronSim

#: The calendar repeats itself after so many years, weekdays included.
_CYCLE_YEARS: Final = 400
_FIRST_YEAR: Final = 2000


@lru_cache(maxsize=256)
def longest_pause_days(cron: str) -> int:
    """The most days from one day on which a schedule comes to the next such day, in all years.

    Every day is 1, each 29 February is eight years (1896 to 1904), a 29 February that is a Sunday is forty. Raises
    `ValueError` for one that never comes.

    >>> longest_pause_days("5 * * * *"), longest_pause_days("0 0 29 2 *")
    (1, 2921)
    """
    schedule = CronSim(cron, datetime(_FIRST_YEAR, 1, 1))
    kinds: dict[tuple[bool, int], list[int]] = {}
    longest, last = 0, None
    # One cycle and the same again up to its first day, so that the pause over the cycle's end is seen.
    for year in range(_FIRST_YEAR, _FIRST_YEAR + 2 * _CYCLE_YEARS):
        first = date(year, 1, 1)
        kind = (calendar.isleap(year), first.weekday())
        days = kinds.get(kind)
        if days is None:
            days = kinds[kind] = _days_of(schedule, first)
            longest = max([longest, *(later - earlier for earlier, later in pairwise(days))])
        if not days:
            continue
        if last is not None:
            longest = max(longest, first.toordinal() + days[0] - last)
        last = first.toordinal() + days[-1]
        if year >= _FIRST_YEAR + _CYCLE_YEARS:
            return longest
    raise ValueError(f"`{cron}` never comes")


def _days_of(schedule: CronSim, first: date) -> list[int]:
    """The numbers of the days of a year on which the schedule comes, from 0; a year is known by its first day."""
    length = 366 if calendar.isleap(first.year) else 365
    days = (first + timedelta(days=number) for number in range(length))
    return [number for number, day in enumerate(days) if day.month in schedule.months and schedule.match_day(day)]
