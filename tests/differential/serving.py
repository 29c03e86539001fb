"""A view refreshed and published to a real store, without dbt: the SQL that the dbt models print, run directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp
from tests.differential.case import instant
from tests.differential.engine import Repository

from fpc.emit.registry import registry
from fpc.runtime.online import Answer, OnlineReader, OnlineStore
from fpc.runtime.publish import PublishReport, publish
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

Entity = tuple[Any, ...]


class Serving:
    """One repository's warehouse and its place in the store."""

    def __init__(self, repository: Repository, warehouse: duckdb.DuckDBPyConnection, store: OnlineStore) -> None:
        self.repository = repository
        self.case = repository.case
        self.warehouse = warehouse
        self.store = store
        self.registry = registry(repository.model)
        self.contract = self.registry.views["v"]
        view, as_of = repository.view, exp.column("__as_of__")
        self._staging = render(lower_staging(view.source, exp.to_table("raw_rows")))
        self._table = render(lower_snapshot(view, exp.to_table("staged"), as_of))
        self._empty = render(lower_empty(view, as_of))
        schema = self.contract.table.split(".")[0]
        warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def build(self, g: int) -> None:
        """What a refresh as of `g` leaves in the warehouse, of the rows that have arrived by then."""
        arrived = [event.k is None or event.k <= g for event in self.case.events]
        self.warehouse.register("raw_rows", self.repository.raw().filter(pa.array(arrived, pa.bool_())))
        literal = f"TIMESTAMPTZ '{instant(g).isoformat()}'"
        self.warehouse.execute(f"CREATE OR REPLACE TABLE staged AS {self._staging}")
        for name, sql in ((self.contract.table, self._table), (self.contract.empty_table, self._empty)):
            self.warehouse.execute(f"CREATE OR REPLACE TABLE {name} AS {sql.replace('__as_of__', literal)}")

    def publish(self, g: int, store: OnlineStore | None = None) -> PublishReport:
        """Publish what was built."""
        return publish(self.warehouse, self.contract, store or self.store, g, repository=self.registry.name)

    def answers(self, entities: Sequence[Entity], now: int) -> dict[Entity, Answer]:
        """A fresh program's reads."""
        keys: list[Mapping[str, object]] = [dict(zip(self.case.keys, entity, strict=True)) for entity in entities]
        found = OnlineReader(self.store, self.registry).read_many("srv_v", keys, now)
        return dict(zip(entities, found, strict=True))
