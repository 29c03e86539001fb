"""What the warehouse knows of a view's history: what it holds, chunk by chunk, and from which files it was made.

The tables lie in the warehouse beside the history, and are written in the transaction that writes a chunk's rows, so
that a chunk is there with its record or not at all.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from fpc.runtime.backfill.chunks import Range
from fpc.runtime.backfill.reading import FileState
from fpc.runtime.inputs import SCHEMA

_HISTORIES: Final = f"{SCHEMA}.backfills"
_CHUNKS: Final = f"{SCHEMA}.backfill_chunks"
_LOG: Final = f"{SCHEMA}.backfill_log"
_MAKE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {_HISTORIES} (view VARCHAR PRIMARY KEY, history VARCHAR, definition VARCHAR, "
    "every_us BIGINT)",
    f"CREATE TABLE IF NOT EXISTS {_CHUNKS} (view VARCHAR, start_us BIGINT, end_us BIGINT, made_start_us BIGINT, "
    "made_end_us BIGINT, rows BIGINT, content VARCHAR, files VARCHAR, made_us BIGINT)",
    f"CREATE TABLE IF NOT EXISTS {_LOG} (view VARCHAR, start_us BIGINT, end_us BIGINT, read_rows BIGINT, rows BIGINT, "
    "seconds DOUBLE, made_us BIGINT)",
)
_COLUMNS: Final = "start_us, end_us, made_start_us, made_end_us, rows, content, files"
#: So many of the last chunks say how fast the next ones will be.
_LAST: Final = 50


@dataclass(frozen=True, slots=True)
class Sources:
    """What a chunk was made from: its files, or of a table a hash of the rows that were read."""

    files: tuple[FileState, ...]
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A part of the history that is there: what remains (`range`) of a chunk that was made as `made`."""

    range: Range
    made: Range
    rows: int
    sources: Sources


@dataclass(frozen=True, slots=True)
class Pace:
    """How long past chunks of a view took: seconds for all of them, and the source's rows that they read."""

    chunks: int
    seconds: float
    read_rows: int

    def seconds_for(self, chunks: int, read_rows: int | None) -> float | None:
        """A guess for so many more; None where nothing is known."""
        if not self.chunks:
            return None
        if read_rows is None or not self.read_rows:
            return self.seconds / self.chunks * chunks
        return self.seconds / self.read_rows * read_rows


NO_PACE: Final = Pace(0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class History:
    """What the warehouse holds of a view: by which definition, on which grid, and the parts that are there."""

    history: str
    definition: str
    every_us: int | None
    done: tuple[Done, ...]
    pace: Pace = NO_PACE


def read_history(connection: duckdb.DuckDBPyConnection, view: str, table: str) -> History | None:
    """What is known of the view's history; None where there is none, or its table is gone."""
    try:
        found = connection.execute(
            f"SELECT history, definition, every_us FROM {_HISTORIES} WHERE view = ?", [view]
        ).fetchall()
    except duckdb.CatalogException:
        return None
    pace = _pace(connection, view)
    if not found or found[0][0] != table or not _exists(connection, table):
        return History(table, "", None, (), pace) if pace.chunks else None
    rows = connection.execute(f"SELECT {_COLUMNS} FROM {_CHUNKS} WHERE view = ? ORDER BY start_us", [view]).fetchall()
    done = tuple(
        Done(Range(start, end), Range(made_start, made_end), count, Sources(_files(files), content))
        for start, end, made_start, made_end, count, content, files in rows
    )
    return History(found[0][0], found[0][1], found[0][2], done, pace)


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that hold the records."""
    for statement in _MAKE:
        connection.execute(statement)


def forget(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """Know nothing of a view's history any more, but how long it took."""
    for records in (_HISTORIES, _CHUNKS):
        connection.execute(f"DELETE FROM {records} WHERE view = ?", [view])


def write_history(connection: duckdb.DuckDBPyConnection, view: str, history: History) -> None:
    """Write down which definition and grid the view's history has."""
    row = [view, history.history, history.definition, history.every_us]
    connection.execute(f"INSERT OR REPLACE INTO {_HISTORIES} VALUES (?, ?, ?, ?)", row)


def replace_chunks(
    connection: duckdb.DuckDBPyConnection, view: str, before: Iterable[Done], after: Iterable[Done]
) -> None:
    """Write records in place of others."""
    for done in before:
        connection.execute(f"DELETE FROM {_CHUNKS} WHERE view = ? AND start_us = ?", [view, done.range.start_us])
    for done in after:
        files = json.dumps([[file.path, file.size, file.changed_ns] for file in done.sources.files])
        row = [view, done.range.start_us, done.range.end_us, done.made.start_us, done.made.end_us, done.rows]
        connection.execute(
            f"INSERT INTO {_CHUNKS} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, done.sources.content, files, time.time_ns() // 1_000],
        )


def log_chunk(
    connection: duckdb.DuckDBPyConnection, view: str, done: Done, read_rows: int | None, seconds: float
) -> None:
    """Remember how long a chunk took, for estimates."""
    row = [view, done.range.start_us, done.range.end_us, read_rows, done.rows, seconds, time.time_ns() // 1_000]
    connection.execute(f"INSERT INTO {_LOG} VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def remains(done: Done, written: Range) -> Sequence[Done]:
    """The parts of a record that stay when a range is written anew; their `rows` are to be counted again."""
    return tuple(replace(done, range=part) for part in done.range.without([written]))


def _pace(connection: duckdb.DuckDBPyConnection, view: str) -> Pace:
    query = (
        "SELECT COUNT(*), COALESCE(SUM(seconds), 0), COALESCE(SUM(read_rows), 0) FROM "
        f"(SELECT seconds, read_rows FROM {_LOG} WHERE view = ? ORDER BY made_us DESC LIMIT {_LAST})"
    )
    chunks, seconds, read_rows = connection.execute(query, [view]).fetchall()[0]
    return Pace(int(chunks), float(seconds), int(read_rows))


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Asked of the catalogue: a query of what is not there would end the transaction."""
    schema, _, name = table.rpartition(".")
    query = (
        "SELECT COUNT(*) FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?"
    )
    return connection.execute(query, [schema, name]).fetchall() == [(1,)]


def _files(text: str) -> tuple[FileState, ...]:
    return tuple(FileState(path, size, changed_ns) for path, size, changed_ns in json.loads(text))
