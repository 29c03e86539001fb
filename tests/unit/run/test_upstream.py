"""Which views are made of others' tables, where dbt does not know it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.run.repository import make_repository

from fpc.runtime.refresh.upstream import read_upstream

UPON = """
source:
  name: {name}
  description: What was published.
  table: {table}
  append_only: true
  event_time: as_of
  columns: {{user_id: bigint, as_of: timestamptz, {column}: bigint}}
---
feature_view:
  name: {view}
  description: Of another view's table.
  entity: user
  source: {name}
  freshness: 1h
  closed: right
  features:
    - {{name: {view}_most, sql: MAX({column}), window: 7d}}
"""


def test_a_view_that_names_anothers_table_is_upon_it_and_upon_what_that_is_upon(tmp_path: Path) -> None:
    made = make_repository(tmp_path / "repository")
    made.add("orders")
    for name, table, column, view in (
        ("counts", "user_orders", "orders_7d", "user_counts"),
        ("peaks", "main.user_counts", "user_counts_most", "user_peaks"),
        ("elsewhere", "raw.user_orders", "orders_7d", "user_elsewhere"),
    ):
        text = UPON.format(name=name, table=table, column=column, view=view)
        (made.root / "features" / f"{name}.yml").write_text(text)
    made.compile()
    views = list(made.registry.views)
    assert read_upstream(made.root, made.registry, views, views) == {
        "user_counts": {"user_orders"},
        "user_elsewhere": frozenset(),
        "user_orders": frozenset(),
        "user_peaks": {"user_counts", "user_orders"},
    }
    assert read_upstream(made.root, made.registry, ["user_peaks"], ["user_orders"]) == {"user_peaks": {"user_orders"}}
