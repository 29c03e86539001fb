"""Backfills that are killed; files and definitions that change behind chunks: what is made again, and what is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from tests.unit.backfill.shop import HALF_A_YEAR, TWO_YEARS, Shop, at, make_shop

from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.record import Done, read_history
from fpc.runtime.backfill.run import plan_backfill
from fpc.runtime.errors import FpcRuntimeError

ROOT = Path(__file__).parents[3]
#: Of the steps of `dying_backfill`, ten a chunk: in the first chunk, between two, and within later ones.
COMPUTING, IN_THE_FIRST_WRITE, BEFORE_ITS_COMMIT, AFTER_IT, IN_THE_THIRD_WRITE = 0, 4, 8, 9, 26


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same repository, filled in one go."""
    shop = make_shop(tmp_path_factory.mktemp("whole") / "repository")
    shop.fill("user_orders", HALF_A_YEAR, Chunk.ALL)
    return shop


def done(shop: Shop, view: str) -> tuple[Done, ...]:
    path = shop.root / ".fpc" / "warehouse.duckdb"
    if not path.exists():
        return ()
    with duckdb.connect(str(path), read_only=True) as connection:
        found = read_history(connection, view, f"main.{view}__history")
    return found.done if found else ()


@pytest.mark.parametrize("step", [COMPUTING, IN_THE_FIRST_WRITE, BEFORE_ITS_COMMIT, AFTER_IT, IN_THE_THIRD_WRITE])
def test_a_killed_backfill_leaves_whole_chunks_and_the_next_does_the_rest(
    whole: Shop, tmp_path: Path, step: int
) -> None:
    shop = make_shop(tmp_path / "repository")
    command = [sys.executable, "-m", "tests.unit.backfill.dying_backfill", str(shop.root), "user_orders", str(step)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    kept = done(shop, "user_orders")
    assert len(kept) == (step + 1) // 10
    for part in kept:
        within = f"epoch_us(as_of) >= {part.range.start_us} AND epoch_us(as_of) < {part.range.end_us}"
        assert shop.table("user_orders", within).equals(whole.table("user_orders", within))
        assert shop.table("user_orders", within).num_rows == part.rows
    assert shop.fill("user_orders", HALF_A_YEAR).chunks == 6 - len(kept)
    assert shop.digest("user_orders") == whole.digest("user_orders")


def test_a_file_of_later_events_makes_nothing_again_and_a_late_one_what_it_reaches(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_visits", HALF_A_YEAR)
    shop.add_visits("later", [(1, datetime(2012, 7, 2, tzinfo=UTC), "a", 1.0)])
    assert shop.left("user_visits", HALF_A_YEAR) == []
    # An event of the 25th of March counts for twenty days, and so in two months.
    shop.add_visits("late", [(1, datetime(2012, 3, 25, tzinfo=UTC), "a", 1.0)])
    assert shop.left("user_visits", HALF_A_YEAR) == ["2012-03-01", "2012-04-01"]
    plan = plan_backfill(shop.job(), shop.program("user_visits"), HALF_A_YEAR)
    assert [stale.why for stale in plan.stale] == ["data/visits/late.parquet is new"] * 2
    shop.fill("user_visits", HALF_A_YEAR)
    other = make_shop(tmp_path / "other")
    other.add_visits("later", [(1, datetime(2012, 7, 2, tzinfo=UTC), "a", 1.0)])
    other.add_visits("late", [(1, datetime(2012, 3, 25, tzinfo=UTC), "a", 1.0)])
    other.fill("user_visits", HALF_A_YEAR, Chunk.ALL)
    assert _sorted(shop, "user_visits") == _sorted(other, "user_visits")


def test_a_file_that_changes_or_goes_makes_again_the_chunks_that_read_it(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_visits", HALF_A_YEAR)
    path = shop.add_visits("2012-02", [(1, datetime(2012, 2, 2, tzinfo=UTC), "a", 1.0)])
    # Its events of the end of the month are gone, so that March does not read it any more: that is a change too.
    assert shop.left("user_visits", HALF_A_YEAR) == ["2012-02-01", "2012-03-01"]
    shop.fill("user_visits", HALF_A_YEAR)
    assert shop.left("user_visits", HALF_A_YEAR) == []
    path.unlink()
    plan = plan_backfill(shop.job(), shop.program("user_visits"), HALF_A_YEAR)
    assert [stale.why for stale in plan.stale] == ["data/visits/2012-02.parquet is gone"]


def test_part_of_a_stale_chunk_can_be_made_again_and_the_rest_stays_stale(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_visits", HALF_A_YEAR, Chunk.ALL)
    shop.add_visits("late", [(1, datetime(2012, 3, 25, tzinfo=UTC), "a", 1.0)])
    shop.fill("user_visits", Range(at("2012-03-01"), at("2012-04-01")))
    assert [(part.range.end_us, part.rows) for part in done(shop, "user_visits")] == [
        (end, shop.table("user_visits", f"as_of >= '{start}' AND epoch_us(as_of) < {end}").num_rows)
        for start, end in (
            ("2012-01-01", at("2012-03-01")),
            ("2012-03-01", at("2012-04-01")),
            ("2012-04-01", at("2012-07-01")),
        )
    ]
    assert shop.left("user_visits", HALF_A_YEAR) == [
        "2012-01-01",
        "2012-02-01",
        "2012-04-01",
        "2012-05-01",
        "2012-06-01",
    ]


def test_a_changed_definition_makes_all_again_and_loses_nothing_unasked(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_ever", HALF_A_YEAR)
    before = shop.digest("user_ever")
    specs = shop.root / "features" / "shop.yml"
    specs.write_text(specs.read_text().replace("offset: 2d", "offset: 3d"))
    quarter = Range(at("2012-01-01"), at("2012-04-01"))
    with pytest.raises(FpcRuntimeError, match="the view's definition changed") as error:
        shop.fill("user_ever", quarter)
    assert "2012-04-01" in error.value.message
    assert shop.digest("user_ever") == before
    shop.fill("user_ever", quarter, agreed=True)
    other = make_shop(tmp_path / "other")
    (other.root / "features" / "shop.yml").write_text(specs.read_text())
    other.fill("user_ever", quarter)
    assert shop.digest("user_ever") == other.digest("user_ever") != before
    assert len(done(shop, "user_ever")) == 3


def test_a_description_that_changes_makes_nothing_again(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_ever", HALF_A_YEAR)
    specs = shop.root / "features" / "shop.yml"
    specs.write_text(specs.read_text().replace("What a user did ever.", "All that a user ever did."))
    assert shop.left("user_ever", HALF_A_YEAR) == []
    assert shop.fill("user_ever", HALF_A_YEAR, anew=True).chunks == 6


def test_a_history_whose_table_is_gone_is_made_again(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_ever", HALF_A_YEAR)
    before = shop.digest("user_ever")
    with duckdb.connect(str(shop.root / ".fpc" / "warehouse.duckdb")) as connection:
        connection.execute("DROP TABLE main.user_ever__history")
    assert len(shop.left("user_ever", HALF_A_YEAR)) == 6
    shop.fill("user_ever", HALF_A_YEAR)
    assert shop.digest("user_ever") == before


def test_past_chunks_say_how_long_the_next_will_take(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    program, job = shop.program("user_visits"), shop.job()
    assert plan_backfill(job, program, TWO_YEARS).seconds is None
    shop.fill("user_visits", HALF_A_YEAR)
    plan = plan_backfill(job, program, TWO_YEARS)
    assert len(plan.pieces) == 18
    assert plan.seconds is not None
    assert plan.seconds > 0
    assert plan_backfill(job, program, HALF_A_YEAR).seconds == 0


def test_a_table_of_the_warehouse_is_copied_and_a_change_of_its_rows_is_noticed(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository")
    shop.fill("user_ever", HALF_A_YEAR)
    from_files = shop.table("user_ever")
    specs = shop.root / "features" / "shop.yml"
    specs.write_text(specs.read_text().replace("path: data/visits/*.parquet", "table: raw.visits"))
    with pytest.raises(FpcRuntimeError, match="can't be read from the warehouse"):
        shop.fill("user_ever", HALF_A_YEAR)
    with duckdb.connect(str(shop.root / ".fpc" / "warehouse.duckdb")) as connection:
        connection.execute("CREATE SCHEMA raw")
        files = shop.root / "data" / "visits"
        connection.execute(f"CREATE TABLE raw.visits AS SELECT * FROM read_parquet('{files}/*.parquet')")
    shop.fill("user_ever", HALF_A_YEAR)
    assert shop.table("user_ever").equals(from_files)
    assert shop.left("user_ever", HALF_A_YEAR) == []
    with duckdb.connect(str(shop.root / ".fpc" / "warehouse.duckdb")) as connection:
        connection.execute("INSERT INTO raw.visits VALUES (1, '2012-05-02', 'a', 1)")
    # A lifetime reaches every event before: what came before May is as it was.
    assert shop.left("user_ever", HALF_A_YEAR) == ["2012-05-01", "2012-06-01"]


def _sorted(shop: Shop, view: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = (
        shop.table(view).sort_by([("as_of", "ascending"), ("user_id", "ascending")]).to_pylist()
    )
    return rows
