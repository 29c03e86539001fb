"""A small feature repository in a folder of its own: orders of users, and two views that share a feature's name."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from fpc.repository import Repository

CONFIG = """
name: shop
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
"""
SPECS = """
source:
  name: orders
  description: Orders.
  owner: team:shop
  path: data/orders.parquet
  event_time: ordered_at
  columns: {order_id: bigint, user_id: bigint, ordered_at: timestamptz, amount: "decimal(12,2)", status: varchar}
---
entity:
  name: user
  description: A person.
  owner: team:shop
  keys: {user_id: bigint}
---
feature_view:
  name: user_orders
  description: What a user orders.
  owner: team:shop
  entity: user
  source: orders
  freshness: 1h
  delay: 10m
  online_ttl: 3d
  features:
    - name: orders_1d
      sql: COUNT(*)
      window: 1d
      description: Orders.
    - name: spent
      sql: SUM(amount)
      window: lifetime
      default: 0
      description: Money.
    - name: last_status
      latest: status
      window: 7d
      description: Status.
---
feature_view:
  name: user_paid
  description: What a user pays.
  owner: team:shop
  entity: user
  source: orders
  where: status = 'paid'
  freshness: 1d
  features:
    - name: orders_1d
      sql: COUNT(*)
      window: 1d
      description: Orders.
---
feature_service:
  name: churn
  description: For the model.
  owner: team:shop
  features: [user_orders.*, user_paid.orders_1d]
---
training_set:
  name: churn_training
  description: Labels.
  owner: team:shop
  service: churn
  spine: {path: data/labels.parquet, time: at, label: [churned]}
  mode: exact
"""
#: The columns of a training set of the service `churn`.
FEATURES = ["user_orders__orders_1d", "spent", "last_status", "user_paid__orders_1d"]


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2024, 3, number, hour, tzinfo=UTC)


def write_orders(root: Path, rows: list[tuple[int, int | None, datetime, str | None, str]]) -> None:
    names = ("order_id", "user_id", "ordered_at", "amount", "status")
    table = pa.Table.from_pylist(
        [
            dict(zip(names, (*row[:3], None if row[3] is None else Decimal(row[3]), row[4]), strict=True))
            for row in rows
        ],
        pa.schema(
            [
                ("order_id", pa.int64()),
                ("user_id", pa.int64()),
                ("ordered_at", pa.timestamp("us", "UTC")),
                ("amount", pa.decimal128(12, 2)),
                ("status", pa.string()),
            ]
        ),
    )
    parquet.write_table(table, root / "data" / "orders.parquet")


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    (tmp_path / "features").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "fpc.yml").write_text(CONFIG)
    (tmp_path / "features" / "shop.yml").write_text(SPECS)
    write_orders(
        tmp_path,
        [
            (1, 7, day(1, 9), "10.00", "paid"),
            (2, 7, day(2, 9), "5.50", "placed"),
            (3, 8, day(2, 10), None, "paid"),
            (4, None, day(2, 11), "99.00", "paid"),
        ],
    )
    parquet.write_table(labels(), tmp_path / "data" / "labels.parquet")
    return Repository(tmp_path)


def labels() -> pa.Table:
    """Five rows, in no order of their own: a repeated one, one at an event's very time, an unknown and a null user."""
    return pa.table(
        {
            "churned": [True, False, True, False, True],
            "user_id": pa.array([8, 7, None, 7, 99], pa.int64()),
            "at": pa.array([day(3), day(2, 9), day(3), day(2, 9), day(3)], pa.timestamp("us", "UTC")),
        }
    )


#: What mode exact gives for `labels()`, feature by feature.
EXACT = {
    "user_orders__orders_1d": [1, 1, 0, 1, 0],
    "spent": [Decimal(0), Decimal(10), Decimal(0), Decimal(10), Decimal(0)],
    "last_status": ["paid", "paid", None, "paid", None],
    "user_paid__orders_1d": [1, 1, 0, 1, 0],
}
