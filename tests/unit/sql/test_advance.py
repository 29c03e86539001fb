"""A view carried forward equals the view computed at once, after every one of a sequence of refreshes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from tests.carried_rows import carry_forward

from fpc import model, spec
from fpc.model.nodes import FeatureView
from fpc.plan.advance import Carry, advances, carrying
from fpc.sql.advance import lower_advance, lower_from_events
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.text import render

SPECS = """
source:
  name: payments
  description: Events.
  path: data/payments/*.parquet
  event_time: paid_at
  {known}
  columns: {{user_id: integer, shop: varchar, paid_at: timestamptz, loaded_at: timestamptz, amount: "decimal(9,2)",
            weight: double, items: bigint, express: boolean}}
---
entity:
  name: payer
  description: Who pays.
  keys: {{payer_id: bigint, shop: varchar}}
---
feature_view:
  name: payments_by_shop
  description: Everything that can be kept.
  entity: payer
  source: payments
  keys: {{payer_id: user_id, shop: shop}}
  where: items IS DISTINCT FROM 13
  closed: {closed}
  freshness: 1h
  features:
    - aggregate: {{amount: [avg, stddev, sum, count, max, first], weight: [sum]}}
      windows: [2h, lifetime]
    - aggregate: {{items: [count_distinct], express: [all]}}
      windows: [2h, lifetime]
    - name: share_5h
      sql: COUNT(*) FILTER (WHERE express) / NULLIF(COUNT(*), 0)
      window: 5h
      default: -1
    - name: hours_since_newest
      sql: DATE_DIFF('hour', MAX(paid_at), AS_OF())
      window: lifetime
    - name: big_max_2h
      sql: MAX(amount) FILTER (WHERE items > 2)
      window: 2h
    - name: payments
      sql: COUNT(*)
      window: lifetime
    - name: least_or_nothing
      sql: MIN(amount)
      window: 5h
      default: 0
    - name: before_2h
      sql: SUM(items) - COUNT(weight)
      window: 2h
      offset: 3h
    # Features whose own names are those of what is kept for others.
    - {{name: events, sql: MEDIAN(items), window: 2h}}
    - {{name: least_or_nothing_least, sql: MODE(items), window: 5h}}
  derived:
    - name: trend
      sql: amount_avg_2h / NULLIF(share_5h, 0)
"""

HOUR = 3_600_000_000
BASE = 1_700_000_000_000_000 // HOUR * HOUR


def build(folder: Path, closed: str, *, known: bool) -> FeatureView:
    (folder / "features").mkdir(parents=True, exist_ok=True)
    (folder / "fpc.yml").write_text(
        'name: bank\ndefaults: {owner: "team:bank"}\ndefault_target: dev\ntargets: {dev: {engine: duckdb}}\n'
    )
    text = SPECS.format(known="known_time: loaded_at" if known else "description: Events.", closed=closed)
    text = text if known else text.replace("  description: Events.\n  path", "  path")
    (folder / "features" / "bank.yml").write_text(text)
    analysed = model.analyse(spec.load(folder).value)
    assert "payments_by_shop" in analysed.value.views, analysed.diagnostics
    return analysed.value.views["payments_by_shop"]


@pytest.fixture(scope="module", params=["left", "right", "both"])
def views(request: Any, tmp_path_factory: Any) -> tuple[FeatureView, FeatureView]:
    folder = tmp_path_factory.mktemp(request.param)
    return build(folder / "known", request.param, known=True), build(folder / "plain", request.param, known=False)


half_hours = st.integers(0, 24)
events = st.lists(
    st.tuples(
        st.integers(1, 2) | st.none(),
        st.sampled_from(["a", "b"]),
        half_hours,
        st.integers(0, 6),
        st.integers(-300, 300).map(lambda cents: cents / 100) | st.none(),
        st.sampled_from([0.1, 0.2, 0.3, -0.1, 1e9]) | st.none(),
        st.sampled_from([1, 2, 3, 13]) | st.none(),
        st.booleans() | st.none(),
    ),
    max_size=25,
)
refreshes = st.lists(st.integers(0, 26), min_size=2, max_size=5, unique=True).map(sorted)


def without_instant(view: FeatureView) -> FeatureView:
    """The view without its feature of `AS_OF()`: its rows change with their events alone."""
    return replace(view, features=tuple(one for one in view.features if one.name != "hours_since_newest"))


def run(view: FeatureView, rows: list[tuple[Any, ...]], instants: list[int], *, known: bool) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE staged (user_id INTEGER, shop VARCHAR, paid_at TIMESTAMPTZ, loaded_at TIMESTAMPTZ, "
        "amount DECIMAL(9, 2), weight DOUBLE, items BIGINT, express BOOLEAN, event_at TIMESTAMPTZ, "
        "known_at TIMESTAMPTZ, superseded_at TIMESTAMPTZ)"
    )
    for user, shop, event, late, amount, weight, items, express in rows:
        at = BASE + event * HOUR // 2
        arrived = at + (late * HOUR // 2 if known else 0)
        connection.execute(
            "INSERT INTO staged SELECT ?, ?, make_timestamptz(?), make_timestamptz(?), ?, ?, ?, ?, "
            "make_timestamptz(?), make_timestamptz(?), NULL",
            [user, shop, at, arrived, amount, weight, items, express, at, arrived],
        )
    staged = exp.to_table("staged")
    points = [_instant(BASE + instant * HOUR // 2) for instant in instants]
    connection.execute(f"CREATE TABLE carried AS {render(lower_from_events(carrying(view), staged, points[0]))}")
    for since, as_of in pairwise(points):
        query = render(lower_advance(carrying(view), staged, exp.to_table("carried"), since, as_of))
        carry_forward(connection, carrying(view), "carried", as_of.sql("duckdb"), query)
        connection.execute(
            f"CREATE OR REPLACE TABLE at_once AS {render(lower_from_events(carrying(view), staged, as_of))}"
        )
        connection.execute(f"CREATE OR REPLACE TABLE plain AS {render(lower_snapshot(view, staged, as_of))}")
        assert _difference(connection, "carried", "at_once", "*") == []
        names = ["payer_id", "shop", *(output.name for output in view.outputs), "as_of"]
        rounded = [
            f"ROUND({name}, 6)" if "stddev" in name or "avg" in name or name == "trend" else name for name in names
        ]
        assert _difference(connection, "carried", "plain", ", ".join(rounded)) == []


def _instant(microseconds: int) -> exp.Expr:
    return exp.cast(
        exp.Literal.string(
            duckdb.execute(f"SELECT CAST(make_timestamp({microseconds}) AS VARCHAR) || '+00'").fetchall()[0][0]
        ),
        "timestamptz",
    )


def _difference(connection: duckdb.DuckDBPyConnection, left: str, right: str, columns: str) -> list[Any]:
    return connection.execute(
        f"(SELECT {columns} FROM {left} EXCEPT ALL SELECT {columns} FROM {right}) "
        f"UNION ALL (SELECT {columns} FROM {right} EXCEPT ALL SELECT {columns} FROM {left})"
    ).fetchall()


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(rows=events, instants=refreshes)
def test_with_late_events(views: tuple[FeatureView, FeatureView], rows: list[Any], instants: list[int]) -> None:
    run(without_instant(views[0]), rows, instants, known=True)


@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(rows=events, instants=refreshes)
def test_without_late_events(views: tuple[FeatureView, FeatureView], rows: list[Any], instants: list[int]) -> None:
    # Nothing is kept of an entity whose last event left the longest window.
    view = without_instant(views[1])
    bounded = tuple(one for one in view.features if one.window.length is not None)
    run(replace(view, features=bounded), rows, instants, known=False)


@settings(max_examples=2, deadline=None, phases=[Phase.generate])
@given(rows=events, instants=refreshes)
def test_where_every_row_changes(views: tuple[FeatureView, FeatureView], rows: list[Any], instants: list[int]) -> None:
    run(views[0], rows, instants, known=True)


def test_rows_stay_unless_a_feature_reads_the_instant(views: tuple[FeatureView, FeatureView]) -> None:
    view = views[0]
    assert not carrying(view).in_place
    assert carrying(without_instant(view)).in_place
    (derived,) = view.derived
    reads = replace(derived, expression=exp.Anonymous(this="AS_OF"))
    assert not carrying(replace(without_instant(view), derived=(reads,))).in_place


def test_every_way_of_carrying_is_among_the_features(views: tuple[FeatureView, FeatureView]) -> None:
    kept = carrying(views[0]).columns
    assert {column.carry for column in kept} == set(Carry)
    assert len({column.name for column in kept}) == len(kept)


def test_what_a_feature_holds_is_not_kept_twice(views: tuple[FeatureView, FeatureView]) -> None:
    stored = {column.name: column.stored for column in carrying(views[0]).columns}
    assert stored["_amount_avg_2h_total"] == "amount_sum_2h"
    assert "_amount_stddev_2h_total" not in stored
    assert stored["_amount_max_2h_greatest"] == "amount_max_2h"
    assert stored["_items_count_distinct_2h"] == "items_count_distinct_2h"
    assert stored["_least_or_nothing_least"] == "_least_or_nothing_least"  # its default hides that there is none
    assert stored["_events"] == "_events"


def test_views_that_read_little_or_what_changes_are_not_carried(views: tuple[FeatureView, FeatureView]) -> None:
    view = views[0]
    assert advances(view)
    assert not advances(replace(view, source=replace(view.source, unique_key=("user_id",))))
    short = tuple(feature for feature in view.features if feature.window.length is not None)
    assert not advances(replace(view, features=short))
