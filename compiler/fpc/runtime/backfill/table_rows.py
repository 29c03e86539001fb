"""A source that is a table of the warehouse: its rows are copied out, so that the warehouse is free meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.backfill import SourceReading
from fpc.contract.training import TrainingSource
from fpc.runtime.backfill.reading import Reading, Window
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.quoting import literal, quoted
from fpc.runtime.raw_rows import first_line

#: The name of the table that a copy is.
COPY: Final = "source_rows"


class TableRows:
    """The rows of a source's table, by a connection to the warehouse.

    A table leaves no trace of a change, so what was read of it is known by a hash over the columns that the view reads,
    in whatever order the rows are.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: TrainingSource, reading: SourceReading) -> None:
        """Read the table that the source names; nothing is read yet."""
        assert source.table is not None
        self._connection = connection
        self._source = source
        self._table = ".".join(quoted(part) for part in source.table.split("."))
        self._copied = ", ".join(quoted(column.name) for column in source.columns)
        self._columns = ", ".join(quoted(name) for name in reading.columns)
        self._condition = reading.condition

    def read(self, window: Window) -> Reading:
        """How many rows the window needs, and their hash."""
        return self._hashed(f"(SELECT {self._columns} FROM {self._table} WHERE {self._condition})", window)

    def copy(self, window: Window, file: Path) -> Reading:
        """Copy the window's rows into the table `COPY` of a new database file."""
        self._connection.execute(f"ATTACH {literal(str(file))} AS copied")
        try:
            window.set_variables(self._connection)
            self._run(f"CREATE TABLE copied.{COPY} AS SELECT {self._copied} FROM {self._table} WHERE {self._condition}")
            return self._hashed(f"copied.{COPY}", window)
        finally:
            self._connection.execute("DETACH copied")

    def _hashed(self, rows: str, window: Window) -> Reading:
        window.set_variables(self._connection)
        found = self._run(f"SELECT COUNT(*), COALESCE(SUM(HASH({self._columns})), 0) FROM {rows}")
        count, total = found.fetchall()[0]
        return Reading((), int(count), None, f"{count} {total}")

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(sql)
        except (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException) as error:
            raise FpcRuntimeError(
                f"source `{self._source.name}` can't be read from the warehouse: {first_line(error)}",
                kept="what was there of the history",
                help="make its table first: `fpc run`, or whatever fills it",
                exit_code=1,
            ) from error
