"""A repository of many feature views, ten features each: what a large company's specs look like to the compiler."""

from __future__ import annotations

from pathlib import Path

SOURCES = 20

_SOURCE = """\
source:
  name: events_{number}
  description: One of the generated sources.
  owner: team:bench
  path: data/events_{number}/*.parquet
  event_time: happened_at
  columns: {{customer_id: bigint, happened_at: timestamptz, amount: "decimal(12,2)", status: varchar, minutes: integer}}
"""
_ENTITY = """\
entity:
  name: customer
  description: Whoever buys.
  owner: team:bench
  keys: {customer_id: bigint}
"""
_VIEW = """\
feature_view:
  name: view_{number}
  version: 1
  description: One of the generated views.
  owner: team:bench
  entity: customer
  source: events_{source}
  freshness: 1d
  where: status <> '{left_out}'
  features:
    - aggregate: {{amount: [sum, avg, max]}}
      windows: [1d, 7d]
    - name: paid_share_7d
      window: 7d
      sql: COUNT(*) FILTER (WHERE status = '{counted}') / NULLIF(COUNT(*), 0)
      default: 0.0
    - name: minutes_spread_30d
      window: {spread}
      sql: MAX(minutes) - MIN(minutes)
    - name: statuses_30d
      window: 30d
      sql: COUNT(DISTINCT status)
  derived:
    - name: amount_growth
      sql: amount_sum_1d / NULLIF(amount_sum_7d, 0)
"""
_CONFIG = """\
name: many
defaults: {owner: "team:bench"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
"""


def make(views: int, folder: Path, *, alike: bool = True) -> None:
    """Write the repository into a new folder: a file per view, 20 sources, one entity.

    Views that are `alike` differ in their names and sources alone; else no two have the same SQL, nor one that differs
    in constants alone: each has a window of its own.
    """
    (folder / "features").mkdir(parents=True)
    (folder / "fpc.yml").write_text(_CONFIG)
    features = folder / "features"
    (features / "views").mkdir()
    (features / "customer.yml").write_text(_ENTITY)
    for number in range(SOURCES):
        (features / f"events_{number}.yml").write_text(_SOURCE.format(number=number))
    for number in range(views):
        nth = "" if alike else str(number)
        spread = "30d" if alike else f"{24 + number}h"
        values = {"left_out": f"test{nth}", "counted": f"paid{nth}", "spread": spread}
        text = _VIEW.format(number=number, source=number % SOURCES, **values)
        (features / "views" / f"view_{number}.yml").write_text(text)
