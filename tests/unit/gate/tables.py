"""A view whose table a test fills by hand, with every kind of test in its spec."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from fpc.contract.registry import ViewContract
from fpc.contract.registry_json import load
from fpc.emit.writer import write
from fpc.pipeline import compile_repository
from fpc.runtime.gate import salt
from fpc.runtime.gate.baseline import keep_baseline
from fpc.runtime.gate.examine import examine
from fpc.runtime.gate.report import GateReport

MIDNIGHT = 1_709_856_000_000_000  # 2024-03-08T00:00:00Z
SALT = "a-salt"
SPECS = """
source:
  name: orders
  path: data/orders.parquet
  event_time: at
  columns: {user_id: bigint, shop: varchar, at: timestamptz, amount: double, status: varchar}
---
entity:
  name: buyer
  keys: {user_id: bigint, shop: varchar}
---
feature_view:
  name: buyers
  entity: buyer
  source: orders
  freshness: 1h
  features:
    - {name: orders, sql: COUNT(*), window: 7d}
    - {name: largest, sql: MAX(amount), window: 7d}
    - {name: status, latest: status, window: 7d}
  tests:
TESTS
"""
CONFIG = """
name: shop
defaults: {owner: "team:shop"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
"""


@dataclass
class Table:
    """The view `buyers` in a warehouse; its rows are those that the test puts there."""

    root: Path
    view: ViewContract
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def fill(self, rows: str) -> None:
        """Replace the rows by those of a query that brings (user_id, shop, orders, largest, status)."""
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(
            "CREATE OR REPLACE TABLE buyers AS "
            "SELECT CAST(user_id AS BIGINT) AS user_id, CAST(shop AS VARCHAR) AS shop, "
            "CAST(orders AS BIGINT) AS orders, CAST(largest AS DOUBLE) AS largest, CAST(status AS VARCHAR) AS status,"
            f" make_timestamptz({MIDNIGHT}) AS as_of FROM ({rows}) AS t(user_id, shop, orders, largest, status)"
        )

    def examine(self) -> GateReport:
        return examine(self.connection, self.root, "dev", self.view, MIDNIGHT)

    def publish(self) -> GateReport:
        """Examine the rows, and keep what was measured as published."""
        report = self.examine()
        keep_baseline(self.connection, self.view, MIDNIGHT)
        return report


def make_table(root: Path, *tests: str) -> Table:
    """The view with these tests in its spec, and no rows."""
    (root / "features").mkdir(parents=True)
    (root / "fpc.yml").write_text(CONFIG)
    listed = "\n".join(f"    - {test}" for test in tests) if tests else "    []"
    (root / "features" / "specs.yml").write_text(SPECS.replace("TESTS", listed))
    compiled = compile_repository(root)
    assert not compiled.has_errors, compiled.diagnostics
    write(root, compiled.value)
    table = Table(root, load(root).views["buyers"])
    # A salt that tests know; a warehouse makes its own.
    table.connection.execute(f"CREATE SCHEMA fpc_state; CREATE TABLE {salt.TABLE} AS SELECT '{SALT}' AS salt")
    table.fill("SELECT * FROM (VALUES (1, 'a', 1, 1.5, 'placed')) LIMIT 0")
    return table


def good(count: int = 200) -> str:
    """A query that brings so many rows that fail no test."""
    return f"SELECT i, 'a', 1, 1.5, 'placed' FROM range({count}) AS r(i)"
