"""A view's schedule as the Jinja expression that yields the instant of a refresh."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from cronsim import CronSim

from fpc.model.nodes import Grid

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAYS: Final = {CronSim.LAST: -1, CronSim.LAST_WEEKDAY: -2}


def as_of_macro(grid: Grid) -> str:
    """The name of the macro that `as_of_call` calls."""
    return "fpc_as_of" if grid.cron is None else "fpc_as_of_cron"


def as_of_call(grid: Grid) -> str:
    """A call of `fpc_as_of` or `fpc_as_of_cron`; a cron is given as the numbers that its fields stand for.

    >>> as_of_call(Grid(None, "*/20 3 * * 1-5"))
    'fpc_as_of_cron(minutes=[40, 20, 0], hours=[3], weekdays=[5, 4, 3, 2, 1])'
    """
    if grid.cron is None:
        assert grid.every is not None
        return f"fpc_as_of(every_seconds={grid.every.microseconds // 1_000_000})"
    cron = CronSim(grid.cron, _EPOCH)
    weekdays = {day % 7 for day in cron.weekdays if isinstance(day, int)}
    nth = sorted([day[0] % 7, max(day[1], -1)] for day in cron.weekdays if not isinstance(day, int))
    fields = {
        "minutes": _field(cron.minutes, 60),
        "hours": _field(cron.hours, 24),
        "days": _field({_LAST_DAYS.get(day, day) for day in cron.days}, 31),
        "months": _field(cron.months, 12),
        "weekdays": _field(weekdays, 7),
        "nth_weekdays": str(nth) if nth else "",
        "either": "" if cron.day_and else "true",
    }
    return f"{as_of_macro(grid)}({', '.join(f'{name}={text}' for name, text in fields.items() if text)})"


def _field(values: set[int], all_of_them: int) -> str:
    """The values, newest first; nothing for a field that allows all."""
    return "" if len(values) == all_of_them and min(values) >= 0 else str(sorted(values, reverse=True))
