"""Two years of history: by months, in any order, in little memory, on a coarser grid; held against snapshots."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from tests.unit.backfill.shop import TWO_YEARS, Shop, at, make_shop

from fpc.preview import preview
from fpc.runtime.backfill.chunks import Chunk, Range, cut
from fpc.runtime.errors import FpcRuntimeError
from fpc.sql.history import lower_history
from fpc.types.duration import Duration

VIEWS = ("user_orders", "user_visits", "user_ever")


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Every view's two years made in one go."""
    shop = make_shop(tmp_path_factory.mktemp("once") / "repository")
    for view in VIEWS:
        shop.fill(view, chunk=Chunk.ALL)
    return shop


@pytest.mark.parametrize("view", VIEWS)
def test_two_years_by_months_are_the_table_of_one_run(at_once: Shop, tmp_path: Path, view: str) -> None:
    shop = make_shop(tmp_path / "repository")
    report = shop.fill(view)
    assert report.chunks == 24
    assert shop.table(view).num_rows > 500
    # Not even the order of the rows differs.
    assert shop.digest(view) == at_once.digest(view)
    assert _csv(shop, view, tmp_path / "months.csv") == _csv(at_once, view, tmp_path / "once.csv")
    assert shop.left(view) == []
    assert shop.fill(view).rows == 0


def test_quarters_in_no_order_and_half_done_ranges_come_to_the_same(at_once: Shop, tmp_path: Path) -> None:
    shop, view = make_shop(tmp_path / "repository"), "user_orders"
    months = list(cut(TWO_YEARS, Chunk.MONTH))
    parts = [Range(months[n].start_us, months[n + 2].end_us) for n in range(0, 24, 3)]
    random.Random(3).shuffle(parts)
    for part in parts[:-1]:
        shop.fill(view, part, Chunk.ALL)
    shop.fill(view, Range(at("2012-05-17T13:00"), at("2013-02-03T01:00")), Chunk.ALL)
    shop.fill(view, chunk=Chunk.ALL)
    order = "as_of, user_id"
    assert (
        shop.table(view)
        .sort_by([(name, "ascending") for name in order.split(", ")])
        .equals(at_once.table(view).sort_by([(name, "ascending") for name in order.split(", ")]))
    )


def test_the_newest_row_is_what_a_preview_at_the_point_says(at_once: Shop) -> None:
    dice, compared = random.Random(5), 0
    for view in VIEWS:
        model = at_once.model
        for _ in range(4):
            days = timedelta(days=dice.randrange(10, 700))
            point = datetime(
                2012, 1, 1, 5 if view == "user_visits" else 0, 30 if view == "user_visits" else 0, tzinfo=UTC
            )
            instant = point + days
            us = at(instant.isoformat())
            expected = preview(model, at_once.root, view, us, limit=1_000)
            columns = ", ".join(expected.columns[:-1])
            query = (
                f"SELECT {columns} FROM main.{view}__history WHERE as_of <= '{instant.isoformat()}' "
                "QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY as_of DESC) = 1 AND _change <> 'removed' "
                "ORDER BY user_id"
            )
            found = _rows(at_once, query)
            assert len(found) == len(expected.rows)
            for row, answer in zip(found, expected.rows, strict=True):
                assert all(map(_agree, row, answer)), (view, instant, row, answer)
            compared += len(expected.rows)
    assert compared > 150


def test_little_memory_gives_the_same_table(at_once: Shop, tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    # So little that the entities are computed in several shards.
    shop.fill("user_orders", chunk=Chunk.ALL, memory="80MB")
    assert shop.digest("user_orders") == at_once.digest("user_orders")


def test_a_coarser_grid_has_the_rows_of_its_points_and_does_not_mix_with_another(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    quarter = Range(at("2012-01-01"), at("2012-04-01"))
    shop.fill("user_orders", quarter)
    fine = shop.table("user_orders").to_pylist()
    with pytest.raises(FpcRuntimeError, match="on another grid") as error:
        shop.fill("user_orders", Range(at("2012-02-01"), at("2012-03-01")), every="1d")
    assert "2012-01-01" in error.value.message
    assert shop.table("user_orders").to_pylist() == fine
    shop.fill("user_orders", quarter, every="1d")
    coarse = shop.table("user_orders").to_pylist()
    assert {row["as_of"].hour for row in coarse} == {0}
    for point in (datetime(2012, 1, 20, tzinfo=UTC), datetime(2012, 3, 15, tzinfo=UTC)):
        assert _newest(coarse, point) == _newest(fine, point)


def test_a_cron_is_thinned_to_its_first_time_in_each_week(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_visits", Range(at("2012-01-01"), at("2012-06-01")), every="7d")
    points = {row["as_of"] for row in shop.table("user_visits").to_pylist()}
    # Weeks since 1970 begin on Thursdays.
    assert {(point.isoweekday(), point.hour, point.minute) for point in points} == {(4, 5, 30)}


def test_a_grid_that_is_no_multiple_is_refused(at_once: Shop) -> None:
    model = at_once.model
    with pytest.raises(ValueError, match="7h is not a multiple of 6h"):
        lower_history(model, model.views["user_orders"], "main.x", Duration.parse("7h"))


def test_a_view_that_reads_as_of_has_its_rows_at_every_point_at_which_they_move(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository", events=60, users=3)
    whole = Range(at("2012-03-01"), at("2012-09-01"))
    shop.fill("user_age", whole)
    months = shop.digest("user_age")
    rows = shop.table("user_age").to_pylist()
    assert {"appeared", "changed", "removed"} <= {row["_change"] for row in rows}
    model = shop.model
    for number in range(0, 184 * 4, 7):
        instant = datetime(2012, 3, 1, tzinfo=UTC) + timedelta(hours=6 * number)
        expected = preview(model, shop.root, "user_age", at(instant.isoformat()), limit=100)
        found = [(str(user), str(row["days_since"])) for user, row in _newest(rows, instant).items()]
        assert found == [row[:-1] for row in expected.rows], instant
    other = make_shop(tmp_path / "other", events=60, users=3)
    other.fill("user_age", whole, Chunk.ALL)
    assert other.digest("user_age") == months


def test_what_reads_as_of_at_too_many_points_is_to_be_agreed_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path / "repository", events=60, users=3)
    whole = Range(at("2012-03-01"), at("2012-03-11"))
    monkeypatch.setattr("fpc.runtime.backfill.run.MOST_UNASKED", 30)
    with pytest.raises(FpcRuntimeError, match="each of 40 points") as error:
        shop.fill("user_age", whole)
    assert error.value.exit_code == 1
    assert "--every 1d" in error.value.help
    assert not (shop.root / ".fpc" / "warehouse.duckdb").exists()
    shop.fill("user_age", whole, every="1d")
    shop.fill("user_age", whole, agreed=True)


def _agree(found: object, answer: str | None) -> bool:
    """Sums of doubles agree as semantics.md says they do, all else to the letter."""
    if isinstance(found, float) and answer is not None:
        return math.isclose(found, float(answer), rel_tol=1e-9)
    return answer == (None if found is None else str(found).lower() if isinstance(found, bool) else str(found))


def _newest(rows: list[dict[str, object]], instant: datetime) -> dict[object, dict[str, object]]:
    newest = {row["user_id"]: row for row in rows if row["as_of"] <= instant}  # type: ignore[operator]
    return {
        user: {name: value for name, value in row.items() if name not in ("as_of", "_change")}
        for user, row in sorted(newest.items(), key=lambda item: str(item[0]))
        if row["_change"] != "removed"
    }


def _rows(shop: Shop, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(shop.root / ".fpc" / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


def _csv(shop: Shop, view: str, path: Path) -> bytes:
    _rows(shop, f"COPY (SELECT * FROM main.{view}__history) TO '{path}'")
    return path.read_bytes()
