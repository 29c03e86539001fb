"""Writes a made stretch into the warehouse: its rows, its record and what it changes for its neighbours, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from fpc.contract.backfill import BackfillProgram, Change
from fpc.runtime.backfill.chunks import Range
from fpc.runtime.backfill.compute import ROWS, Made, columns_of
from fpc.runtime.backfill.points import Points
from fpc.runtime.backfill.record import (
    Done,
    History,
    Sources,
    forget,
    log_chunk,
    make_tables,
    read_history,
    remains,
    replace_chunks,
    write_history,
)
from fpc.runtime.quoting import literal


@dataclass(frozen=True, slots=True)
class Finished:
    """A stretch that was computed: the range it stands for, what it was made from, and how long that took."""

    range: Range
    made: Made
    sources: Sources
    opens: bool
    read_rows: int | None
    seconds: float


class OvertakenError(Exception):
    """The history changed while a stretch was computed, so that it no longer fits: it is to be computed again."""


def write(connection: duckdb.DuckDBPyConnection, program: BackfillProgram, finished: Finished) -> int:
    """Put the stretch's rows in place of what the history has there, in one transaction; returns how many.

    Raises `OvertakenError`, with nothing written.
    """
    connection.execute(f"ATTACH {literal(str(finished.made.file))} AS made (READ_ONLY)")
    try:
        connection.execute("BEGIN")
        try:
            _write(connection, program, finished)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.execute("DETACH made")
    return finished.made.rows


def is_covered(done: tuple[Done, ...], at_us: int) -> bool:
    """Whether the history holds the instant."""
    return any(part.range.start_us <= at_us < part.range.end_us for part in done)


def _write(connection: duckdb.DuckDBPyConnection, program: BackfillProgram, finished: Finished) -> None:
    make_tables(connection)
    table, whole = program.table, finished.range
    known = read_history(connection, program.view, table)
    if known is None or (known.definition, known.every_us) != (program.definition, program.every_us):
        # The rows of another definition go with the first chunk of this one, not before.
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        forget(connection, program.view)
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns_of(program))})")
        known = History(table, program.definition, program.every_us, ())
        write_history(connection, program.view, known)
    points = Points(program.grid, program.every_us)
    stretch = points.stretch(whole.start_us, whole.end_us)
    overlapping = [done for done in known.done if done.range.overlap(whole)]
    others = tuple(part for done in known.done for part in remains(done, whole))
    if stretch is not None and finished.opens is is_covered(others, stretch.before_us):
        raise OvertakenError
    within = "as_of >= make_timestamptz(?) AND as_of < make_timestamptz(?)"
    connection.execute(f"DELETE FROM {table} WHERE {within}", [whole.start_us, whole.end_us])
    if finished.made.rows:
        connection.execute(f"INSERT INTO {table} SELECT * FROM made.{ROWS}")
    after_us = points.next(whole.end_us)
    if is_covered(others, after_us):
        # What follows begins no more with what it could not know to be unchanged.
        carried = [after_us, Change.CARRIED.value]
        connection.execute(f"DELETE FROM {table} WHERE as_of = make_timestamptz(?) AND _change = ?", carried)
    parts = [part for done in overlapping for part in remains(done, whole)]
    counted = [replace(part, rows=_count(connection, table, part.range)) for part in parts]
    written = Done(whole, whole, finished.made.rows, finished.sources)
    replace_chunks(connection, program.view, overlapping, [*counted, written])
    log_chunk(connection, program.view, written, finished.read_rows, finished.seconds)


def _count(connection: duckdb.DuckDBPyConnection, table: str, part: Range) -> int:
    query = f"SELECT COUNT(*) FROM {table} WHERE as_of >= make_timestamptz(?) AND as_of < make_timestamptz(?)"
    return int(connection.execute(query, [part.start_us, part.end_us]).fetchall()[0][0])
