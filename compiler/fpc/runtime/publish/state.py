"""What the warehouse remembers of a version's last publication, and what it therefore need not push again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from fpc.runtime.publish.statements import SCHEMA, Statements, drop_state


@dataclass(frozen=True, slots=True)
class Memory:
    """Which generation of the store the remembered rows are; `intent` names a publication that did not finish."""

    generation: str | None
    intent: str | None

    def matches(self, generation: str) -> bool:
        """Whether the store holds what is remembered, but for the pending keys."""
        return generation in (self.generation, self.intent)


class WarehouseState:
    """The tables of schema `fpc_state` for one version of a view. Each change is one transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statements: Statements) -> None:
        """Make the tables where there are none."""
        self._connection = connection
        self._statements = statements
        with self._transaction():
            for statement in (*statements.create_schema, *statements.create_tables):
                connection.execute(statement)

    def memory(self) -> Memory:
        """What is remembered; a lost or never written memory has no generation."""
        found = self._connection.execute(
            f"SELECT generation, intent FROM {SCHEMA}.publications WHERE view = ? AND version = ?", self._name
        ).fetchall()
        return Memory(*found[0]) if found else Memory(None, None)

    def prepare_difference(self, generation: str, token: str) -> int:
        """Write down which keys are about to be written and that publication `token` does it; returns how many.

        Keys of an unfinished publication stay among them: the store may hold anything for those.
        """
        with self._transaction():
            self._connection.execute(self._statements.widen_pending)
            pending = self._number(self._statements.count_pending)
            self._remember(generation, token if pending else None)
        return pending

    def forget(self) -> None:
        """Remember nothing, before everything is pushed: a publication that does not finish is begun anew."""
        with self._transaction():
            self._remember(None, None)
            self._connection.execute(self._statements.clear_pending)

    def settle(self, generation: str, *, everything_written: bool) -> None:
        """Remember the view's rows as published; the pending keys too, where the store refused an older row."""
        with self._transaction():
            self._connection.execute(self._statements.settle_rows)
            if everything_written:
                self._connection.execute(self._statements.clear_pending)
            self._remember(generation, None)

    def drop(self, version: str) -> None:
        """Forget a version that the store no longer holds."""
        with self._transaction():
            for statement in drop_state(self._statements.view.name, version):
                self._connection.execute(statement)
            self._connection.execute(
                f"DELETE FROM {SCHEMA}.publications WHERE view = ? AND version = ?",
                [self._statements.view.name, version],
            )

    @property
    def _name(self) -> list[object]:
        return [self._statements.view.name, self._statements.version]

    def _remember(self, generation: str | None, intent: str | None) -> None:
        self._connection.execute(f"DELETE FROM {SCHEMA}.publications WHERE view = ? AND version = ?", self._name)
        self._connection.execute(
            f"INSERT INTO {SCHEMA}.publications VALUES (?, ?, ?, ?)", [*self._name, generation, intent]
        )

    def _number(self, query: str) -> int:
        ((found,),) = self._connection.execute(query).fetchall()
        return int(found)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
