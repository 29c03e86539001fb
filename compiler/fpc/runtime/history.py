"""Which views can be carried forward: those whose past is as it was when their table was made.

A carried view's table keeps states, and its model adds what changed since the table's instant. That is right only if
nothing before that instant has changed: the files that were read are as they were (new ones may have come), and no row
has come since that says it was known before. Where that cannot be told the model computes everything from all events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

import duckdb

from fpc.contract.registry import EVENTS, ViewContract
from fpc.runtime.inputs import SCHEMA, Inputs, stands_at
from fpc.runtime.quoting import quoted

_MAKE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.histories "
    "(view VARCHAR PRIMARY KEY, as_of_us BIGINT, definition VARCHAR, files VARCHAR, rows_known BIGINT)",
)


def take_histories(
    connection: duckdb.DuckDBPyConnection, views: Iterable[tuple[ViewContract, int]], inputs: Inputs
) -> Mapping[str, int]:
    """The instants from which views can be carried forward to those given, by view; what was remembered is forgotten.

    It is written down again once the tables are built, so that a run that is cut off is followed by a full one.
    """
    found: dict[str, int] = {}
    for statement in _MAKE:
        connection.execute(statement)
    for view, as_of_us in views:
        query = f"DELETE FROM {SCHEMA}.histories WHERE view = ? RETURNING as_of_us, definition, files, rows_known"
        known = inputs.by_view.get(view.name)
        for since_us, definition, files, rows in connection.execute(query, [view.name]).fetchall():
            if known is None or definition != known.definition or since_us > as_of_us:
                continue
            before = {tuple(entry) for entry in json.loads(files)}
            if not before.issubset(known.files) or not stands_at(connection, view, since_us):
                continue
            if rows == _rows_known(connection, known.staged, since_us):
                found[view.name] = since_us
    return found


def keep_histories(
    connection: duckdb.DuckDBPyConnection,
    views: Iterable[tuple[ViewContract, int]],
    inputs: Inputs,
    since_ns: int,
) -> None:
    """Write down the past of the views that are carried forward, unless it changed while they were built."""
    if inputs.newest_change_ns >= since_ns:
        return
    for view, as_of_us in views:
        known = inputs.by_view.get(view.name)
        if known is None or not _keeps_states(connection, view):
            continue
        rows = _rows_known(connection, known.staged, as_of_us)
        if rows is not None:
            row = [view.name, as_of_us, known.definition, json.dumps(known.files), rows]
            connection.execute(f"INSERT OR REPLACE INTO {SCHEMA}.histories VALUES (?, ?, ?, ?, ?)", row)


def _keeps_states(connection: duckdb.DuckDBPyConnection, view: ViewContract) -> bool:
    """Whether the view's table has the column that every carried view has."""
    rows = connection.execute(f"DESCRIBE {view.table}").fetchall()
    return any(str(row[0]) == EVENTS for row in rows)


def _rows_known(connection: duckdb.DuckDBPyConnection, staged: Iterable[str], at_us: int) -> int | None:
    """How many staged rows were known at an instant; None where that cannot be read."""
    total = 0
    try:
        for name in staged:
            query = f"SELECT COUNT(*) FROM {quoted(name)} WHERE known_at <= make_timestamptz(?)"
            total += int(connection.execute(query, [at_us]).fetchall()[0][0])
    except duckdb.Error:
        return None
    return total
