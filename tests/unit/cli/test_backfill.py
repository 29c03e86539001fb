"""`fpc backfill` as it is typed: the estimate, the result, what it refuses, and again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.backfill.shop import Shop, at, make_shop
from tests.unit.cli.command_line import CommandLine

from fpc.runtime.backfill.chunks import Range


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return make_shop(tmp_path / "shop", events=200)


@pytest.fixture
def fpc(shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(shop.root, capsys, monkeypatch)


RANGE = ("--start", "2012-01-01", "--end", "2012-03-01")


def test_an_estimate_says_what_it_takes_and_does_nothing(fpc: CommandLine, shop: Shop) -> None:
    done = fpc("backfill", "user_visits", *RANGE, "--estimate", "--format", "json")
    assert done.code == 0, done.err
    (view,) = json.loads(done.out)["views"]
    assert [(chunk["start"][:10], chunk["points"]) for chunk in view["chunks"]] == [
        ("2012-01-01", 31),
        ("2012-02-01", 29),
    ]
    # The second month's windows of twenty days reach into the first; no other file is read.
    assert [chunk["files"] for chunk in view["chunks"]] == [
        ["data/visits/2012-01.parquet"],
        ["data/visits/2012-01.parquet", "data/visits/2012-02.parquet"],
    ]
    assert view["estimated_seconds"] is None
    assert view["rows"] == sum(chunk["rows"] for chunk in view["chunks"]) > 0
    assert view["bytes"] > 0
    assert not (shop.root / ".fpc" / "warehouse.duckdb").exists()
    assert "unknown" in fpc("backfill", "user_visits", *RANGE, "--dry-run").out


def test_partitions_say_which_files_are_not_read(fpc: CommandLine) -> None:
    done = fpc(
        "backfill", "user_orders", "--start", "2012-05-01", "--end", "2012-06-01", "--estimate", "--format", "json"
    )
    (chunk,) = json.loads(done.out)["views"][0]["chunks"]
    months = {path.split("ds=")[1][:7] for path in chunk["files"]}
    # Versions may follow rows of any age, but nothing that arrives in later months is known in May.
    assert months <= {f"2012-0{month}" for month in range(1, 6)}
    assert "2012-05" in months


def test_it_tells_how_far_it_is_and_skips_what_is_there(fpc: CommandLine) -> None:
    done = fpc("backfill", "user_ever", "user_visits", *RANGE)
    assert done.code == 0, done.err
    assert "view `user_ever`: 2 of 2 chunks" in done.err
    assert "main.user_visits__history" in done.out
    again = fpc("backfill", "user_ever", *RANGE, "--format", "json")
    (view,) = json.loads(again.out)["views"]
    assert (view["chunks_made"], len(view["there"])) == (0, 2)
    longer = fpc(
        "backfill", "user_ever", "--start", "2012-01-01", "--end", "2012-04-01", "--estimate", "--format", "json"
    )
    (view,) = json.loads(longer.out)["views"]
    assert len(view["chunks"]) == 1
    assert view["estimated_seconds"] > 0


def test_the_range_begins_where_the_spec_says_and_ends_at_the_clock(fpc: CommandLine) -> None:
    done = fpc("backfill", "user_orders", "--estimate", "--format", "json")
    (view,) = json.loads(done.out)["views"]
    assert (view["start"][:10], view["end"][:10]) == ("2012-01-01", "2014-01-01")
    missing = fpc("backfill", "user_ever")
    assert (missing.code, "--start" in missing.err) == (2, True)
    late = fpc("backfill", "user_ever", "--start", "2013-12-01", "--end", "2015-01-01", "--estimate")
    assert "2014-01-01" in late.out
    assert "ends at the clock" in late.err
    # The interval of a scheduler that is ahead of a frozen clock: nothing to do, and no fault.
    behind = fpc("backfill", "user_ever", "--start", "2020-01-01", "--end", "2020-01-02")
    assert behind.code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing",), 2, "there is no feature view `nothing`"),
        (("user_ever", "--start", "2012-02-01", "--end", "2012-02-01"), 2, "is empty"),
        (("user_ever", *RANGE, "--every", "x"), 2, "is no duration"),
        (("user_orders", *RANGE, "--every", "7h"), 2, "multiple of the view's freshness"),
        (("user_ever", *RANGE, "--memory-limit", "much"), 1, "is not a memory limit"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_makes_no_sense_is_refused(fpc: CommandLine, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = fpc("backfill", *arguments)
    assert done.code == code
    assert said in done.err


def test_a_file_that_is_no_parquet_is_said_to_be_at_fault(fpc: CommandLine, shop: Shop) -> None:
    (shop.root / "data" / "visits" / "2012-01.parquet").write_text("hello")
    done = fpc("backfill", "user_ever", *RANGE)
    assert done.code == 1
    assert "source `visits` can't be read" in done.err


def test_one_point_is_filled_for_all_the_time_until_the_next(fpc: CommandLine, shop: Shop) -> None:
    """As schedulers call it: once for each point; together they are what one run over the range is."""
    for hour in ("2012-01-03T00:00:00Z", "2012-01-03T07:00:00Z", "2012-01-03T06:00:00Z"):
        done = fpc("backfill", "user_orders", "--at", hour)
        assert done.code == 0, done.err
    assert shop.left("user_orders", Range(at("2012-01-03"), at("2012-01-03T12:00:00"))) == []
    assert shop.left("user_orders", Range(at("2012-01-03"), at("2012-01-03T12:00:01"))) == ["2012-01-03"]
    by_points = shop.digest("user_orders")
    shop.fill("user_orders", Range(at("2012-01-03"), at("2012-01-03T12:00:00")), anew=True)
    assert shop.digest("user_orders") == by_points
    ahead = fpc("backfill", "user_orders", "--at", "2030-01-01")
    assert (ahead.code, shop.digest("user_orders")) == (0, by_points)
    assert fpc("backfill", "user_orders", "--at", "2012-01-03", "--end", "2012-01-04").code == 2
