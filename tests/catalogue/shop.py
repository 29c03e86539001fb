"""A small repository with one of everything that the catalogue shows, and what refreshes could have recorded of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from fpc.contract.recorded import (
    PastDefinition,
    PastRefresh,
    PastStatistics,
    PastValues,
    ValueStatistics,
    ViewRecords,
    ViewStatistics,
)
from fpc.emit.artefact import Artefact
from fpc.emit.catalogue import catalogue, static_files
from fpc.emit.catalogue.writer import write_site
from fpc.model import Model
from fpc.pipeline import check_repository

CONFIG = """
name: shop
defaults: {owner: "team:shop"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded, as_of: "2024-03-08T00:30:00Z"}
"""

SPECS = """
source:
  name: orders
  description: An order, once more at each change of its status.
  tags: [money]
  path: data/orders/*.parquet
  event_time: placed_at
  known_time: updated_at
  unique_key: order_id
  max_lateness: 2h
  columns:
    order_id: bigint
    user_id: bigint
    placed_at: timestamptz
    updated_at: timestamptz
    status: {type: varchar, description: How it stands.}
    amount: double
---
source:
  name: visits
  description: A visit of the shop.
  owner: team:web
  path: data/visits.parquet
  event_time: at
  columns: {user_id: bigint, at: timestamptz, pages: bigint}
---
entity:
  name: user
  description: A person with an account.
  keys: {user_id: bigint}
---
feature_view:
  name: user_orders
  version: 2
  description: What a user orders.
  tags: [growth]
  entity: user
  source: orders
  where: status <> 'test'
  freshness: 1h
  delay: 10m
  online_ttl: 3d
  start: 2024-01-01
  features:
    - name: orders_{window}
      sql: COUNT(order_id) FILTER (WHERE status <> 'cancelled')
      windows: [7d, 30d]
      description: Orders placed and not cancelled.
      tags: [count]
    - name: orders_prev_7d
      sql: COUNT(order_id)
      window: 7d
      offset: 7d
    - name: spent
      sql: SUM(amount)
      window: lifetime
      default: 0.0
    - name: last_status
      latest: status
      window: 30d
  derived:
    - name: order_trend
      sql: orders_7d / NULLIF(orders_30d, 0)
      description: Share of the month's orders that fell into its last week.
  examples:
    - name: a cancelled order does not count
      at: 2024-03-08T00:00:00Z
      given:
        - {order_id: 1, user_id: 7, placed_at: 2024-03-07T12:00:00Z, updated_at: 2024-03-07T12:00:00Z, status: paid}
        - {order_id: 2, user_id: 7, placed_at: 2024-03-07T13:00:00Z, updated_at: 2024-03-07T13:00:00Z,
           status: cancelled}
      expect:
        - {user_id: 7, orders_7d: 1, orders_30d: 1, last_status: cancelled}
---
feature_view:
  name: user_visits
  description: How much a user looks at the shop.
  owner: team:web
  entity: user
  source: visits
  freshness: 1d
  closed: right
  features:
    - name: visits_{window}
      sql: COUNT(*)
      windows: [1d, 7d]
  deprecated: {since: 2024-01-01, remove_after: 2030-06-01, use: user_orders, reason: Nobody reads it.}
---
feature_service:
  name: churn
  description: What tells whether a user is about to leave.
  model: churn-classifier
  features: [user_orders.*, user_visits.visits_7d]
  max_staleness: 2d
---
training_set:
  name: churn_training
  description: Mondays.
  service: churn
  spine: {path: data/labels.parquet, time: label_time, label: [churned]}
"""

DAY_US = 86_400_000_000
AS_OF_US = 1_709_856_000_000_000  # 2024-03-08T00:00:00Z


def make_model(folder: Path) -> Model:
    """The shop's model, from its files."""
    (folder / "features").mkdir(parents=True)
    (folder / "fpc.yml").write_text(CONFIG)
    (folder / "features" / "shop.yml").write_text(SPECS)
    checked = check_repository(folder)
    assert not checked.has_errors, checked.diagnostics
    return checked.value


def make_records(model: Model) -> Mapping[str, ViewRecords]:
    """A month of refreshes of every view; text has three values, numbers a bell."""
    return {name: _records(name, [output.name for output in view.outputs]) for name, view in model.views.items()}


def write(folder: Path, pages: Iterable[Artefact]) -> Path:
    """The site in a folder, which is given back."""
    write_site(folder, [*static_files(), *((page.path, page.text.encode()) for page in pages)])
    return folder


def make_site(folder: Path) -> Path:
    """The shop's catalogue, with records."""
    model = make_model(folder / "repository")
    return write(folder / "site", catalogue(model, make_records(model)))


def _records(view: str, features: list[str]) -> ViewRecords:
    bell = (1, 3, 9, 22, 40, 61, 80, 71, 50, 33, 20, 9, 4, 2, 1)
    number = ValueStatistics(14, "number", 6.2, (1.0, 4.0, 6.0, 8.0, 12.0), -0.5, 14.5, bell)
    text = ValueStatistics(3, "text", values=(("paid", 300), ("cancelled", 80)), others=37)
    values = {name: text if name == "last_status" else number for name in features}
    newest = ViewStatistics(AS_OF_US, 2, "ffff000011112222", 420, 420, values)
    past = tuple(
        PastStatistics(
            AS_OF_US - back * DAY_US,
            2 if back < 9 else 1,
            "ffff000011112222" if back < 9 else "0000111122223333",
            420 - 7 * back,
            {name: PastValues(0.03, (1.0, 4.0 - back / 20, 6.0, 8.0 + back / 20, 12.0)) for name in features},
        )
        for back in range(30, -1, -1)
    )
    refreshes = (
        PastRefresh(AS_OF_US + DAY_US, AS_OF_US + DAY_US, "gated", 0, 0, 0, 2.5, f"1 test failed: {view}__rows"),
        PastRefresh(AS_OF_US, AS_OF_US + 60_000_000, "published", 420, 30, 2, 3.25, ""),
    )
    before = AS_OF_US - 60 * DAY_US
    definitions = (
        PastDefinition(2, "ffff000011112222", ("team:shop",), AS_OF_US - 8 * DAY_US, AS_OF_US),
        PastDefinition(1, "0000111122223333", ("team:web",), before, AS_OF_US - 9 * DAY_US),
    )
    return ViewRecords(newest, past, refreshes, definitions)
