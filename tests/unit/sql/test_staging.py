"""Staging, executed: types, timezones, epoch numbers, refusals and versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from sqlglot import exp
from tests.unit.sql.builder import Call, feature, source, view

from fpc.model.nodes import Source, TimeColumn
from fpc.sql.events import lower_events, lower_refused_events
from fpc.sql.staging import lower_newest, lower_refused, lower_staging, times_of

US = timedelta(microseconds=1)
T = datetime(2024, 3, 8, tzinfo=UTC)


def staged(of: Source, rows: str) -> list[dict[str, Any]]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE raw AS {rows}")
    cursor = connection.execute(lower_staging(of, exp.to_table("raw")).sql("duckdb"))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def of_time(kind: str, unit: str | None = None, timezone: str = "UTC") -> Source:
    return source(columns={"n": "bigint", "ts": kind}, event_time=TimeColumn("ts", unit), timezone=timezone)


@pytest.mark.parametrize(
    ("kind", "unit", "timezone", "raw", "instant"),
    [
        ("timestamp", None, "UTC", "TIMESTAMP '2024-03-08'", T),
        (
            "timestamp",
            None,
            "America/New_York",
            "TIMESTAMP '2013-07-01 12:00:00'",
            datetime(2013, 7, 1, 16, tzinfo=UTC),
        ),
        (
            "timestamp",
            None,
            "America/New_York",
            "TIMESTAMP '2013-01-01 12:00:00'",
            datetime(2013, 1, 1, 17, tzinfo=UTC),
        ),
        ("timestamp", None, "UTC", "'2024-03-08 00:00:00'", T),
        ("timestamptz", None, "America/New_York", "TIMESTAMPTZ '2024-03-08 00:00:00+00'", T),
        ("timestamptz", None, "UTC", "'2024-03-08T02:00:00+02:00'", T),
        ("bigint", "s", "UTC", "1709856000", T),
        ("double", "s", "UTC", "1709856000.000001", T + US),
        ("bigint", "ms", "UTC", "1709856000001", T + 1000 * US),
        ("bigint", "us", "UTC", "1709856000000001", T + US),
        ("bigint", "ns", "UTC", "1709856000000001999", T + US),
        ("bigint", "us", "UTC", "-1", datetime(1970, 1, 1, tzinfo=UTC) - US),
        ("bigint", "ns", "UTC", "-1", datetime(1970, 1, 1, tzinfo=UTC) - US),
    ],
)
def test_times_become_instants(kind: str, unit: str | None, timezone: str, raw: str, instant: datetime) -> None:
    (row,) = staged(of_time(kind, unit, timezone), f"SELECT 1 AS n, {raw} AS ts")
    assert (row["event_at"], row["known_at"], row["superseded_at"]) == (instant, instant, None)
    assert list(row) == ["n", "ts", "event_at", "known_at", "superseded_at"]


def test_columns_take_their_declared_types_and_order() -> None:
    of = source(columns={"b": "decimal(12,2)", "a": "integer", "ts": "timestamptz"}, event_time=TimeColumn("ts"))
    (row,) = staged(of, "SELECT 7 AS extra, '3' AS a, 1.006::DOUBLE AS b, TIMESTAMPTZ '2024-03-08 00:00:00+00' AS ts")
    assert list(row) == ["b", "a", "ts", "event_at", "known_at", "superseded_at"]
    assert (str(row["b"]), row["a"]) == ("1.01", 3)


def test_a_column_that_is_already_the_event_time_by_name_is_not_doubled() -> None:
    of = source(columns={"event_at": "timestamptz"}, event_time=TimeColumn("event_at"))
    assert times_of(of) == ("known_at", "superseded_at")
    (row,) = staged(of, "SELECT TIMESTAMPTZ '2024-03-08 00:00:00+00' AS event_at")
    assert list(row) == ["event_at", "known_at", "superseded_at"]


VERSIONED = source(
    known_time=True,
    unique_key=("order_id",),
    columns={"order_id": "bigint", "ordered_at": "timestamptz", "loaded_at": "timestamptz", "status": "varchar"},
)
ROWS = (
    """
    SELECT * FROM (VALUES
        (1, T, T, 'a'), (1, T, T + INTERVAL 1 HOUR, 'b'), (1, T, T + INTERVAL 1 HOUR, NULL),
        (2, T, T, 'a'), (2, NULL, T, 'x'), (2, T, NULL, 'x'), (2, T, T - INTERVAL 1 MICROSECOND, 'x'), (NULL, T, T, 'x')
    ) AS raw (order_id, ordered_at, loaded_at, status)
""".replace("T,", "TIMESTAMPTZ '2024-03-08 00:00:00+00',")
    .replace("T +", "TIMESTAMPTZ '2024-03-08 00:00:00+00' +")
    .replace("T -", "TIMESTAMPTZ '2024-03-08 00:00:00+00' -")
)


def test_each_version_is_superseded_when_the_next_became_known() -> None:
    hour = timedelta(hours=1)
    found = {(row["order_id"], row["status"]): row["superseded_at"] for row in staged(VERSIONED, ROWS)}
    assert found == {(1, "a"): T + hour, (1, None): T + hour, (1, "b"): None, (2, "a"): None}


def test_refused_rows_are_counted_by_the_first_reason() -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE raw AS {ROWS}")
    answer = connection.execute(lower_refused(VERSIONED, exp.to_table("raw")).sql("duckdb")).fetchall()
    assert answer == [
        ("event time is null", 1),
        ("known before it happened", 1),
        ("known time is null", 1),
        ("unique key order_id is null", 1),
    ]


ENDS = """
    SELECT * FROM (VALUES
        (1, TIMESTAMPTZ '0001-01-01 00:00:00+00', TIMESTAMPTZ '9999-12-31 23:59:59.999999+00', 'in'),
        (2, TIMESTAMPTZ '-infinity', TIMESTAMPTZ '2024-03-08 00:00:00+00', 'x'),
        (3, TIMESTAMPTZ '0001-01-01 00:00:00+00' - INTERVAL 1 MICROSECOND, TIMESTAMPTZ '2024-03-08 00:00:00+00', 'x'),
        (4, TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' + INTERVAL 1 MICROSECOND, TIMESTAMPTZ 'infinity', 'x'),
        (5, TIMESTAMPTZ 'infinity', TIMESTAMPTZ 'infinity', 'x'),
        (6, TIMESTAMPTZ '2024-03-08 00:00:00+00', TIMESTAMPTZ 'infinity', 'x')
    ) AS raw (order_id, ordered_at, loaded_at, status)
"""


def test_times_at_the_ends_of_what_a_database_can_write_are_refused() -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE raw AS {ENDS}")
    kept = lower_staging(VERSIONED, exp.to_table("raw")).sql("duckdb")
    assert connection.execute(f"SELECT order_id, status FROM ({kept})").fetchall() == [(1, "in")]
    assert connection.execute(lower_refused(VERSIONED, exp.to_table("raw")).sql("duckdb")).fetchall() == [
        ("event time is after the year 9999", 2),
        ("event time is before the year 1", 2),
        ("known time is after the year 9999", 1),
    ]
    newest = connection.execute(lower_newest(VERSIONED, exp.to_table("raw")).sql("duckdb")).fetchall()
    assert newest == [(-62_135_596_800_000_000, 253_402_300_799_999_999)], "the newest is none that is refused"


def test_a_view_refuses_events_without_an_entity_key_and_counts_them() -> None:
    features = view(feature("n", Call("count")), keys={"status": "status"}, where="order_id > 0", of=VERSIONED)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE raw AS {ROWS}")
    connection.execute(f"CREATE TABLE stg AS {lower_staging(VERSIONED, exp.to_table('raw')).sql('duckdb')}")
    events = lower_events(features, exp.to_table("stg")).sql("duckdb")
    assert len(connection.execute(events).fetchall()) == 3
    assert connection.execute(lower_refused_events(features, exp.to_table("stg")).sql("duckdb")).fetchall() == [(1,)]


def test_names_that_are_sql_words_are_quoted() -> None:
    of = source(columns={"order": "bigint", "left": "varchar", "ts": "timestamptz"}, event_time=TimeColumn("ts"))
    of = replace(of, unique_key=("order",))
    (row,) = staged(of, """SELECT 1 AS "order", 'x' AS "left", TIMESTAMPTZ '2024-03-08 00:00:00+00' AS ts""")
    assert (row["order"], row["left"]) == (1, "x")
