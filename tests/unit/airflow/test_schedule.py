"""The crons of a grid have all of its instants, and where they can, no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from cronsim import CronSim

from fpc.emit.airflow.schedule import crons
from fpc.model.nodes import Grid
from fpc.types.duration import Duration

START = datetime(2024, 2, 28, tzinfo=UTC)
END = START + timedelta(days=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def times(written: tuple[str, ...]) -> set[datetime]:
    before = START - timedelta(seconds=1)
    return {time for cron in written for time in takewhile(lambda time: time < END, CronSim(cron, before))}


def points(every: Duration) -> set[datetime]:
    step = timedelta(microseconds=every.microseconds)
    first = -((EPOCH - START) // step)
    return {EPOCH + n * step for n in range(first, (END - EPOCH) // step + 1) if START <= EPOCH + n * step < END}


@pytest.mark.parametrize(
    "every", ["1m", "5m", "15m", "20m", "30m", "45m", "48m", "1h", "90m", "2h", "3h", "6h", "8h", "12h", "1d", "1w"]
)
def test_lengths_that_divide_a_day_and_the_week_have_exactly_their_points(every: str) -> None:
    length = Duration.parse(every)
    assert times(crons(Grid(length, None))) == points(length)


@pytest.mark.parametrize("every", ["7m", "25m", "50m", "5h", "7h", "25h", "36h", "2d", "3d", "2w", "10d"])
def test_other_lengths_have_their_points_among_others(every: str) -> None:
    length = Duration.parse(every)
    assert times(crons(Grid(length, None))) >= points(length)


def test_lengths_below_a_minute_run_every_minute() -> None:
    assert crons(Grid(Duration.parse("30s"), None)) == ("* * * * *",)
    assert crons(Grid(Duration.parse("90s"), None)) == ("* * * * *",)


def test_a_cron_is_kept_but_for_what_airflow_does_not_know() -> None:
    assert crons(Grid(None, "5  3 * * 1-5")) == ("5 3 * * 1-5",)
    assert crons(Grid(None, "5 3 LW * *")) == ("5 3 * * *",)
