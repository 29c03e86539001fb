"""A chunk reads all that its points need, and no file more: every event lies in a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.backfill.shop import START, Shop, at, make_shop

import fpc.runtime.backfill.plan as planning
import fpc.runtime.backfill.run as running
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.points import Stretch
from fpc.runtime.backfill.reading import Window, window_of

FILES, HOURS = 60, 13
#: Twenty-odd days in, so that the longest window, of twenty days, begins within the events.
WHOLE = Range(at("2012-01-22"), at("2012-01-26"))
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000


def shop_of_single_events(root: Path) -> Shop:
    """Sixty people, each of whom did one thing, thirteen hours after the one before, in a file of its own."""
    shop = make_shop(root, events=0)
    for number in range(FILES):
        happened = START + timedelta(hours=HOURS * number)
        shop.add_visits(f"{number:03d}", [(number, happened, "a", 1.5)])
    return shop


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The range made in one go."""
    shop = shop_of_single_events(tmp_path_factory.mktemp("once") / "repository")
    shop.fill("user_visits", WHOLE, Chunk.ALL)
    return shop


def files_of_days(shop: Shop) -> list[int]:
    """How many files each day's chunk reads."""
    plan = running.plan_backfill(shop.job(Chunk.DAY), shop.program("user_visits"), WHOLE)
    return [len(piece.reading.files) for piece in plan.pieces]


def test_days_are_the_table_of_one_run_and_read_only_their_windows(once: Shop, tmp_path: Path) -> None:
    days = shop_of_single_events(tmp_path / "days")
    # Twenty days, the step before the first point, and less than a day up to it, in steps of thirteen hours.
    read = files_of_days(days)
    assert max(read) <= 1 + (20 + 1) * 24 // HOURS
    days.fill("user_visits", WHOLE, Chunk.DAY)
    assert once.table("user_visits").column("_change").to_pylist().count("removed") >= 4
    assert days.digest("user_visits") == once.digest("user_visits")


def too_late(change: Callable[[Stretch, Window], int | None]) -> Callable[..., Window]:
    """A reading that begins later than it must, as a mistake in it would have it."""

    def mistaken(stretch: Stretch, reading: object) -> Window:
        right = window_of(stretch, reading)  # type: ignore[arg-type]
        return Window(change(stretch, right), right.newest_us)

    return mistaken


MISTAKES = {
    "from the first point on, not the one before": lambda stretch, right: (
        right.oldest_us + stretch.first_us - stretch.before_us
    ),
    "a day of the window is missing": lambda stretch, right: right.oldest_us + DAY_US,
    "of the shorter window": lambda stretch, right: stretch.before_us - 3 * DAY_US,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_reading_that_begins_too_late_is_told_from_the_right_one(
    once: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    days = shop_of_single_events(tmp_path / "days")
    for module in (planning, running):
        monkeypatch.setattr(module, "window_of", too_late(MISTAKES[mistake]))
    days.fill("user_visits", WHOLE, Chunk.DAY)
    assert days.digest("user_visits") != once.digest("user_visits")
