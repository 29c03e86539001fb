"""A view's grid as crons that Airflow runs: the same instants, or more of them where no cron has just these.

A run at an instant that is no grid point does no harm: it refreshes as of the latest one, which is done already.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Final

from fpc.model.nodes import Grid

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY
_MINUTES_OF_DAY: Final = 24 * 60


def crons(grid: Grid) -> tuple[str, ...]:
    """Crons in UTC whose times are all of the grid's.

    >>> from fpc.types.duration import Duration
    >>> [crons(Grid(Duration.parse(every), None)) for every in ("15m", "1h", "6h", "1d", "1w")]
    [('*/15 * * * *',), ('0 * * * *',), ('0 */6 * * *',), ('0 0 * * *',), ('0 0 * * 4',)]
    """
    if grid.cron is not None:
        return (_known_to_airflow(grid.cron),)
    assert grid.every is not None
    every = grid.every.microseconds
    if every % _WEEK == 0 and every == _WEEK:
        return ("0 0 * * 4",)  # the epoch was a Thursday
    return _within_a_day(max(math.gcd(every, _DAY) // _MINUTE, 1))


def _within_a_day(minutes: int) -> tuple[str, ...]:
    """The multiples of so many minutes, which divide a day, from midnight on."""
    if _MINUTES_OF_DAY % minutes:
        minutes = 1
    if minutes == 1:
        return ("* * * * *",)
    if minutes < 60 and 60 % minutes == 0:
        return (f"*/{minutes} * * * *",)
    if minutes == 60:
        return ("0 * * * *",)
    if minutes == _MINUTES_OF_DAY:
        return ("0 0 * * *",)
    if minutes % 60 == 0:
        return (f"0 */{minutes // 60} * * *",)
    hours: defaultdict[int, list[int]] = defaultdict(list)
    for minute in range(0, _MINUTES_OF_DAY, minutes):
        hours[minute % 60].append(minute // 60)
    return tuple(f"{minute} {','.join(map(str, at))} * * *" for minute, at in sorted(hours.items()))


def _known_to_airflow(cron: str) -> str:
    """The cron without `LW`, the last weekday of a month, which Airflow's crons do not know: every day instead."""
    minute, hour, day, month, weekday = cron.split()
    day = "*" if "LW" in day.upper() else day
    return " ".join((minute, hour, day, month, weekday))
