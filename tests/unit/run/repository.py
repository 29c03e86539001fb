"""A small feature repository on disk, compiled, with an online store in memory: what the tests of a run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from fpc.contract.registry import Registry
from fpc.contract.registry_json import load
from fpc.emit.writer import write
from fpc.pipeline import compile_repository
from fpc.runtime.online import OnlineStore, connect
from fpc.runtime.run import RunReport, run

CONFIG = """
name: shop
defaults: {owner: "team:shop"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded, as_of: "2024-03-08T00:30:00Z"}
"""

EVENT = "(1, '2024-03-07T00:00:00Z', 1.5)"
COLUMNS = "user_id, CAST(happened_at AS TIMESTAMPTZ) AS happened_at, CAST(amount AS DOUBLE) AS amount"

ENTITY = """
entity:
  name: user
  description: A person with an account.
  keys: {user_id: bigint}
"""

VIEW = """
source:
  name: {name}
  description: Events.
  path: data/{name}.parquet
  event_time: happened_at
  columns: {{user_id: bigint, happened_at: timestamptz, amount: double}}
---
feature_view:
  name: user_{name}
  description: What a user did.
  entity: user
  source: {name}
  freshness: 1h
  features:
    - name: {name}_7d
      sql: COUNT(*)
      window: 7d
    - name: {name}_amount_7d
      sql: SUM(amount)
      window: 7d
  tests:
    - range: {{feature: {name}_7d, max: 5}}
    - rows: {{min: 1}}
"""


@dataclass
class Repository:
    """The repository at `root`; `steps` are those that the last run told of."""

    root: Path
    store: OnlineStore
    steps: list[str] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        return load(self.root)

    def add(
        self, name: str, events: str = "(1, '2024-03-07T00:00:00Z', 1.5)", *, columns: str = "", data: bool = True
    ) -> None:
        """Add a source of this name with a view `user_<name>`, and its data."""
        (self.root / "features" / f"{name}.yml").write_text(VIEW.format(name=name))
        if data:
            self.data(name, events, columns)

    def data(self, name: str, events: str, columns: str = "") -> None:
        """Write the source's file: rows of (user_id, happened_at, amount)."""
        path = self.root / "data" / f"{name}.parquet"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = connection.sql(f"SELECT {columns or COLUMNS} FROM (VALUES {events}) t(user_id, happened_at, amount)")
            rows.write_parquet(str(path))

    def compile(self) -> None:
        compiled = compile_repository(self.root)
        assert not compiled.has_errors, compiled.diagnostics
        write(self.root, compiled.value)

    def run(self, *select: str, full_refresh: bool = False, as_of_us: int | None = None) -> RunReport:
        registry = self.registry
        self.steps.clear()
        return run(
            self.root,
            registry,
            registry.targets["dev"],
            self.store,
            select=select,
            full_refresh=full_refresh,
            as_of_us=as_of_us,
            say=self.steps.append,
            wait_seconds=0.5,
        )


def make_repository(root: Path) -> Repository:
    """An empty repository with one entity."""
    for folder in ("features", "data"):
        (root / folder).mkdir(parents=True)
    (root / "fpc.yml").write_text(CONFIG)
    (root / "features" / "entities.yml").write_text(ENTITY)
    return Repository(root, connect("memory://"))
