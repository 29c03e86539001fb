"""What a plan says of itself, and which partitions it prunes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp
from tests.unit.sql.builder import COLUMNS, Call, derived, feature, source, view

from fpc.model.nodes import Closed, FeatureView, Grid, Partition, TimeColumn, Window
from fpc.plan import build, explain
from fpc.plan.nodes import Visible, in_words
from fpc.plan.pruning import partitions_in_words, partitions_read
from fpc.plan.visibility import edges_of
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.types.duration import Duration

AS_OF = exp.cast(exp.Literal.string("2024-04-01T00:00:00+00:00"), "timestamptz")


def visible(of: FeatureView) -> Visible:
    return build(of).snapshot.visible


def windowed(*windows: tuple[str | None, str]) -> FeatureView:
    return view(*(feature(f"n{i}", Call("count"), window=w, offset=o) for i, (w, o) in enumerate(windows)))


@pytest.mark.parametrize(
    ("windows", "words", "gaps"),
    [
        ([("7d", "0s")], "t - 7d <= event_at < t", False),
        ([("7d", "0s"), ("30d", "0s"), ("7d", "7d")], "t - 30d <= event_at < t", False),
        ([("1d", "1d"), ("2d", "2d")], "t - 4d <= event_at < t - 1d", False),
        ([("7d", "0s"), ("1d", "30d")], "t - 31d <= event_at < t", True),
        ([("7d", "0s"), (None, "0s")], "event_at < t", False),
        ([("7d", "0s"), (None, "30d")], "event_at < t", True),
        ([(None, "1h")], "event_at < t - 1h", False),
    ],
)
def test_the_hull_covers_all_windows_and_knows_its_gaps(
    windows: list[tuple[str | None, str]], words: str, gaps: bool
) -> None:
    plan = visible(windowed(*windows))
    assert (in_words(plan.hull, "event_at"), plan.has_gaps) == (words, gaps)


@pytest.mark.parametrize(
    ("closed", "words"),
    [
        (Closed.LEFT, "t - 8d <= e < t - 1d"),
        (Closed.RIGHT, "t - 8d < e <= t - 1d"),
        (Closed.BOTH, "t - 8d <= e <= t - 1d"),
    ],
)
def test_a_window_in_words(closed: Closed, words: str) -> None:
    assert in_words(edges_of(Window(Duration.parse("7d"), Duration.parse("1d")), closed), "e") == words


def test_derived_features_come_in_levels() -> None:
    of = view(
        feature("n", Call("count")),
        derived=(
            derived("a", "n", ("n",), "bigint"),
            derived("b", "a + n", ("a", "n"), "bigint"),
            derived("c", "2 * n", ("n",), "bigint"),
            derived("d", "b + c", ("b", "c"), "bigint"),
        ),
    )
    assert [[d.name for d in level] for level in build(of).levels] == [["a", "c"], ["b"], ["d"]]


def test_a_plan_explains_itself() -> None:
    of = view(
        feature("n", Call("count")),
        feature("total", Call("sum", "amount"), window="30d"),
        of=replace(
            source(known_time=True, unique_key=("order_id",), columns={**COLUMNS, "ds": "date"}),
            partition_by=Partition("ds", "day"),
            immutable=("ordered_at", "ds"),
        ),
        derived=(derived("twice", "2 * n", ("n",), "bigint"),),
        closed=Closed.RIGHT,
    )
    of = replace(of, description="What a user orders.", delay=Duration.parse("10m"), online_ttl=Duration.parse("3d"))
    assert (
        explain(build(of))
        == """\
user_orders: What a user orders.

1. Rows of source orders in their declared types, instants in UTC; rows with one order_id are versions of one event.
2. Events that count at the refresh's instant t: t - 30d < event_at <= t, known_at <= t, the latest version known then.
3. One row per user_id; FILTER picks the events of each narrower window.
4. Features made of features, and the instant that the row is as of.

Boundary rule: an event exactly at a window's start is out; one exactly at its end, or known exactly then, is in.

Windows at instant t:
  7d: t - 7d < event_at <= t (n)
  30d: t - 30d < event_at <= t (total)

Refresh: as of every whole multiple of 1h since 1970-01-01T00:00Z, served 10m later, for at most 3d.
Reads: rows with t - 30d < event_at <= t; partitions ds from the day of t - 31d on.
"""
    )
    for immutable, read in {
        (): "t - 30d < event_at <= t, out of all rows of the source, any of which may be a later version.",
        ("ds",): "t - 30d < event_at <= t; partitions ds from the day of t - 31d on.",
        ("ordered_at", "amount"): "t - 30d < event_at <= t.",
    }.items():
        assert f"Reads: rows with {read}" in explain(build(replace(of, source=replace(of.source, immutable=immutable))))
    lifetime = replace(windowed((None, "0s")), grid=Grid(None, "5 * * * *"))
    assert "Refresh: as of each time of the cron `5 * * * *` (UTC)." in explain(build(lifetime))
    assert "Reads: all rows before t, because a window is a lifetime." in explain(build(lifetime))


def partitioned(kind: str, grain: str, window: str | None = "30d") -> FeatureView:
    of = replace(source(columns={**COLUMNS, "ds": kind}), partition_by=Partition("ds", grain))
    return view(feature("n", Call("count"), window=window), of=of)


@pytest.mark.parametrize(
    ("kind", "grain", "first"),
    [
        ("date", "day", "2024-03-01"),
        ("date", "month", "2024-03-01"),
        ("timestamptz", "hour", "2024-03-01 00:00:00+00"),
        ("varchar", "day", "2024-03-01"),
        ("varchar", "month", "2024-03"),
    ],
)
def test_the_first_partition_leaves_a_day_for_time_zones(kind: str, grain: str, first: str) -> None:
    condition = partitions_read(visible(partitioned(kind, grain)), AS_OF)
    assert condition is not None
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    ((answer,),) = connection.execute(f"SELECT CAST({condition.expression.sql('duckdb')} AS VARCHAR)").fetchall()
    assert answer == first


def test_nothing_is_pruned_for_a_lifetime_or_by_a_column_that_is_no_time() -> None:
    for of in (partitioned("date", "day", window=None), partitioned("bigint", "day"), windowed(("7d", "0s"))):
        assert partitions_read(visible(of), AS_OF) is None
        assert partitions_in_words(visible(of)) is None


def test_duckdb_reads_the_partitions_of_the_windows_alone(tmp_path: Path) -> None:
    of = partitioned("date", "day")
    connection = _hours_of_orders(tmp_path, versions=1)
    assert "Scanning Files: 40/100" in _scan(connection, of)
    pruned = _answers(connection, of)
    assert pruned == _answers(connection, replace(of, source=replace(of.source, partition_by=None)))
    assert sum(row[1] for row in pruned) == 30 * 24


@pytest.mark.parametrize(
    ("immutable", "files", "bound"),
    [
        ((), None, False),
        (("ordered_at",), None, True),
        (("ds",), "40/100", False),
        (("ordered_at", "ds"), "40/100", True),
    ],
)
def test_versions_are_read_from_partitions_only_where_they_are_declared_to_share_them(
    tmp_path: Path, immutable: tuple[str, ...], files: str | None, bound: bool
) -> None:
    partition = partitioned("date", "day").source
    versioned = replace(partition, unique_key=("order_id",), known_time=TimeColumn("loaded_at", None))
    counted = feature("n", Call("count"), window="30d")
    of = view(counted, of=replace(versioned, immutable=immutable), where="status <> 'v1'")
    connection = _hours_of_orders(tmp_path, versions=3)
    scan = _scan(connection, of)
    assert ("Scanning Files" in scan) == (files is not None)
    assert files is None or f"Scanning Files: {files}" in scan
    assert ("ordered_at >= '2024-03-02" in scan) == bound
    found = _answers(connection, of)
    assert found == _answers(connection, replace(of, source=versioned))
    assert 0 < sum(row[1] for row in found) < 30 * 24


def _hours_of_orders(folder: Path, versions: int) -> duckdb.DuckDBPyConnection:
    """The view `raw`: an order an hour, in a folder a day, and most again a minute later as `v1`, two later as `v2`."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"""
        COPY (
            SELECT i AS order_id, i % 7 AS user_id, 'x' AS city, t AS ordered_at, t + INTERVAL (v) MINUTE AS loaded_at,
                   'v' || v AS status, 1.0 AS amount, 1.0 AS weight, CAST(t AS DATE) AS ds
            FROM (SELECT i, TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i) HOUR AS t FROM RANGE(2400) AS r(i)),
                 RANGE({versions}) AS n(v)
            WHERE v = 0 OR (i + v) % 3 > 0
        ) TO '{folder}/orders' (FORMAT parquet, PARTITION_BY (ds))
    """)
    files = f"read_parquet('{folder}/orders/*/*.parquet', hive_partitioning = true)"
    connection.execute(f"CREATE VIEW raw AS SELECT * FROM {files}")
    return connection


def _scan(connection: duckdb.DuckDBPyConnection, of: FeatureView) -> str:
    """What DuckDB says of its scan of the files."""
    return str(connection.execute(f"EXPLAIN ANALYZE {_staged(connection, of)}").fetchall())


def _answers(connection: duckdb.DuckDBPyConnection, of: FeatureView) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(_staged(connection, of)).fetchall())


def _staged(connection: duckdb.DuckDBPyConnection, of: FeatureView) -> str:
    """The view's query, over staged rows as a view, as dbt would have them."""
    connection.execute(f"CREATE OR REPLACE VIEW stg AS {lower_staging(of.source, exp.to_table('raw')).sql('duckdb')}")
    return lower_snapshot(of, exp.to_table("stg"), AS_OF).sql("duckdb")
