"""The instants of a schedule at run time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cronsim import CronSim

from fpc.contract.registry import GridContract

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def latest_point(grid: GridContract, at_us: int) -> int:
    """The latest grid point that is not after the instant, both in microseconds since the epoch.

    >>> latest_point(GridContract(3_600_000_000, None), 7_300_000_000)
    7200000000
    >>> latest_point(GridContract(None, "5 * * * *"), 3_900_000_000)
    3900000000
    """
    if grid.every_us is not None:
        return at_us // grid.every_us * grid.every_us
    assert grid.cron is not None
    # The iterator yields times strictly before the one that it starts from.
    start = _EPOCH + timedelta(microseconds=at_us) + timedelta(seconds=1)
    return (next(CronSim(grid.cron, start.replace(microsecond=0), reverse=True)) - _EPOCH) // _MICROSECOND


def instant_of(text: str) -> int:
    """An ISO instant in microseconds since the epoch; without an offset it is UTC. Raises `ValueError`."""
    instant = datetime.fromisoformat(text.strip())
    return ((instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def instant_text(at_us: int) -> str:
    """The instant as `2024-03-07T12:00:00+00:00`."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat()
