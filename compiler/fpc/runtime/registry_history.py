"""Writes down each version of a view that is published, in the warehouse: see `fpc.contract.view_versions`.

A row is one contract of a view; it is only ever joined with what is known of it, never replaced. So it does not matter
who writes first, whether a stage is run again, or whether the table or the copy beside it was lost meanwhile.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

import duckdb

from fpc.contract.lineage import Lineage, Node, What, feature
from fpc.contract.registry import ViewContract
from fpc.contract.registry_json import view_text
from fpc.contract.view_versions import ViewVersion, joined, read_versions, versions_path, versions_text
from fpc.contract.whole_file import write_whole
from fpc.runtime.inputs import SCHEMA

_TABLE: Final = f"{SCHEMA}.view_versions"
_MAKE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {_TABLE} (view VARCHAR, content VARCHAR, version INTEGER, fingerprint VARCHAR, "
    "owner VARCHAR, contract VARCHAR, services VARCHAR, training_sets VARCHAR, models VARCHAR, "
    "first_published_us BIGINT, last_published_us BIGINT, first_as_of_us BIGINT, last_as_of_us BIGINT, "
    "PRIMARY KEY (view, content))",
)
_COLUMNS: Final = (
    "view, content, version, fingerprint, owner, contract, services, training_sets, models, first_published_us, "
    "last_published_us, first_as_of_us, last_as_of_us"
)
_JOIN: Final = (
    f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (view, content) "
    "DO UPDATE SET "
    + ", ".join(
        f"{name} = CASE WHEN excluded.last_published_us >= last_published_us THEN excluded.{name} ELSE {name} END"
        for name in ("services", "training_sets", "models")
    )
    + ", first_published_us = LEAST(first_published_us, excluded.first_published_us)"
    ", last_published_us = GREATEST(last_published_us, excluded.last_published_us)"
    ", first_as_of_us = LEAST(first_as_of_us, excluded.first_as_of_us)"
    ", last_as_of_us = GREATEST(last_as_of_us, excluded.last_as_of_us)"
)
_TRIES: Final = 200
_PAUSE_SECONDS: Final = 0.01


def remember(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    target: str,
    view: ViewContract,
    lineage: Lineage,
    *,
    as_of_us: int,
    published_us: int,
) -> None:
    """Write down that a view was published as the registry has it, in the warehouse and beside it.

    `lineage` is that of the registry. A publication that was written down before changes nothing.
    """
    below = {edge.lower for edge in lineage.downstream(*(feature(view.name, each.name) for each in view.features))}
    version = ViewVersion(
        view=view.name,
        content=view.content,
        version=view.version,
        fingerprint=view.fingerprint,
        owner=view.owner,
        contract=view_text(view),
        services=_names(below, What.SERVICE),
        training_sets=_names(below, What.TRAINING_SET),
        models=_names(below, What.MODEL),
        first_published_us=published_us,
        last_published_us=published_us,
        first_as_of_us=as_of_us,
        last_as_of_us=as_of_us,
    )
    # What the copy knows and the table does not was lost with a warehouse: it comes back with the next publication.
    join_versions(connection, (*read_versions(root, target, view.name), version))
    write_whole(versions_path(root, target, view.name), versions_text(known_versions(connection, view.name)))


def join_versions(connection: duckdb.DuckDBPyConnection, versions: Iterable[ViewVersion]) -> None:
    """Join versions with those that the warehouse knows; tries again where another writer was first.

    Raises `duckdb.Error` where the warehouse cannot be written.
    """
    rows = [_row(version) for version in joined(versions)]
    for left in reversed(range(_TRIES)):
        try:
            for statement in _MAKE:
                connection.execute(statement)
            for row in rows:
                connection.execute(_JOIN, row)
            return
        except (duckdb.TransactionException, duckdb.ConstraintException):
            # Another connection of this process has the row, or put it there a moment ago.
            if not left:
                raise
            time.sleep(_PAUSE_SECONDS)


def known_versions(connection: duckdb.DuckDBPyConnection, view: str) -> tuple[ViewVersion, ...]:
    """The published versions of a view that the warehouse knows, by first publication."""
    try:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM {_TABLE} WHERE view = ?", [view]).fetchall()
    except duckdb.CatalogException:
        return ()
    return joined(_version(row) for row in rows)


def _names(nodes: Iterable[Node], what: What) -> tuple[str, ...]:
    return tuple(sorted(node.name for node in nodes if node.what is what))


def _row(version: ViewVersion) -> list[object]:
    return [json.dumps(value) if isinstance(value, tuple) else value for value in astuple(version)]


def _version(row: Sequence[Any]) -> ViewVersion:
    fields: list[Any] = [*row[:6], *(tuple(json.loads(text)) for text in row[6:9]), *row[9:]]
    return ViewVersion(*fields)
