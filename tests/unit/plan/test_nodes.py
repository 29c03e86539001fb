"""What a plan says of itself, and which partitions it prunes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp
from tests.unit.sql.builder import COLUMNS, Call, derived, feature, source, view

from fpc.model.nodes import Closed, FeatureView, Grid, Partition, Window
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
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"""
        COPY (
            SELECT i AS order_id, i % 7 AS user_id, 'x' AS city, t AS ordered_at, t AS loaded_at, 'p' AS status,
                   1.0 AS amount, 1.0 AS weight, CAST(t AS DATE) AS ds
            FROM (SELECT i, TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i) HOUR AS t FROM RANGE(2400) AS r(i))
        ) TO '{tmp_path}/orders' (FORMAT parquet, PARTITION_BY (ds))
    """)
    files = f"read_parquet('{tmp_path}/orders/*/*.parquet', hive_partitioning = true)"
    connection.execute(f"CREATE VIEW raw AS SELECT * FROM {files}")
    connection.execute(f"CREATE VIEW stg AS {lower_staging(of.source, exp.to_table('raw')).sql('duckdb')}")
    query = lower_snapshot(of, exp.to_table("stg"), AS_OF).sql("duckdb")
    assert "Scanning Files: 40/100" in str(connection.execute(f"EXPLAIN ANALYZE {query}").fetchall())
    pruned = sorted(connection.execute(query).fetchall())
    whole = replace(of, source=replace(of.source, partition_by=None))
    everything = lower_snapshot(whole, exp.to_table("stg"), AS_OF).sql("duckdb")
    assert pruned == sorted(connection.execute(everything).fetchall())
    assert sum(row[1] for row in pruned) == 30 * 24
