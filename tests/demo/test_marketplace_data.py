"""The marketplace data: made up, but with a structure that the features rely on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from demo import prepare_marketplace

TABLES = {
    "orders": "orders/*",
    "sessions": "sessions",
    "ratings": "ratings",
    "users": "users",
    "churn": "labels/churn",
    "cancellations": "labels/cancellations",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marketplace")
    prepare_marketplace.prepare(folder)
    return folder


@pytest.fixture(scope="module")
def tables(prepared: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, files in TABLES.items():
            connection.read_parquet(str(prepared / f"{files}.parquet")).create_view(name)
        yield connection


def rows(tables: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return tables.execute(query).fetchall()


@pytest.mark.parametrize(
    ("table", "event_time", "known_time"),
    [
        ("orders", "placed_at", "updated_at"),
        ("sessions", "started_at", "loaded_at"),
        ("ratings", "rated_at", "loaded_at"),
        ("users", "signed_up_at", "updated_at"),
    ],
)
def test_nothing_is_known_before_it_happened(
    tables: duckdb.DuckDBPyConnection, table: str, event_time: str, known_time: str
) -> None:
    assert rows(tables, f"SELECT COUNT(*) FROM {table} WHERE {known_time} < {event_time}") == [(0,)]
    assert rows(tables, f"SELECT MAX({known_time}) < '2013-12-31' FROM {table}") == [(True,)]


def test_the_newest_status_of_an_order_is_its_last(tables: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT COUNT(*) FROM orders AS earlier INNER JOIN orders AS later USING (order_id)
        WHERE earlier.status IN ('completed', 'cancelled') AND later.updated_at > earlier.updated_at
    """
    assert rows(tables, query) == [(0,)]


def test_some_rows_are_late_and_some_come_twice(tables: duckdb.DuckDBPyConnection) -> None:
    [(late,)] = rows(tables, "SELECT AVG((loaded_at - started_at > INTERVAL 6 HOURS)::INTEGER) FROM sessions")
    [(twice,)] = rows(tables, "SELECT 1 - COUNT(DISTINCT session_id) / COUNT(*) FROM sessions")
    [(equal,)] = rows(tables, "SELECT COUNT(*) - (SELECT COUNT(*) FROM (SELECT DISTINCT * FROM orders)) FROM orders")
    assert isinstance(late, float) and 0.001 < late < 0.1
    assert isinstance(twice, float) and 0.001 < twice < 0.1
    assert isinstance(equal, int) and equal > 1_000


def test_labels_have_one_row_per_entity_and_instant(tables: duckdb.DuckDBPyConnection) -> None:
    assert rows(tables, "SELECT COUNT(*) - COUNT(DISTINCT (user_id, label_time)) FROM churn") == [(0,)]
    assert rows(tables, "SELECT COUNT(*) - COUNT(DISTINCT order_id) FROM cancellations") == [(0,)]


def test_the_same_seed_gives_the_same_files(prepared: Path, tmp_path: Path) -> None:
    prepare_marketplace.prepare(tmp_path)
    files = sorted(file.relative_to(prepared) for file in prepared.rglob("*.parquet"))
    assert len(files) == 13
    for file in files:
        assert (tmp_path / file).read_bytes() == (prepared / file).read_bytes(), file
