"""What the gate remembers of a view: what it measured last, and what of that was published.

It lies in the warehouse beside the tables. Numbers are compared with those of the same definition alone: one that has
changed may well have other rows and other nulls.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb

from fpc.contract.registry import ViewContract

_SCHEMA: Final = "fpc_state"
_TABLE: Final = f"{_SCHEMA}.gate"
_MAKE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {_TABLE} "
    "(view VARCHAR PRIMARY KEY, as_of_us BIGINT, measured VARCHAR, published VARCHAR)",
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was published last: how many rows, and each feature's share of nulls."""

    rows: int
    null_shares: Mapping[str, float]


def last_published(connection: duckdb.DuckDBPyConnection, view: ViewContract) -> Baseline | None:
    """What was published last of the view as it is defined now; None where nothing is known."""
    try:
        found = connection.execute(f"SELECT published FROM {_TABLE} WHERE view = ?", [view.name]).fetchall()
    except duckdb.CatalogException:
        return None
    if not found or found[0][0] is None:
        return None
    known = json.loads(found[0][0])
    if known["fingerprint"] != view.fingerprint:
        return None
    return Baseline(int(known["rows"]), known["null_shares"])


def write_measured(
    connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int, rows: int, nulls: Mapping[str, int]
) -> None:
    """Write down what was measured of a table as of an instant, to be kept if it is published."""
    for statement in _MAKE:
        connection.execute(statement)
    shares = {feature: count / rows if rows else 0 for feature, count in nulls.items()}
    measured = json.dumps({"fingerprint": view.fingerprint, "rows": rows, "null_shares": shares}, sort_keys=True)
    connection.execute(
        f"INSERT INTO {_TABLE} VALUES (?, ?, ?, NULL) "
        "ON CONFLICT (view) DO UPDATE SET as_of_us = excluded.as_of_us, measured = excluded.measured",
        [view.name, as_of_us, measured],
    )


def keep_baseline(connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int) -> None:
    """What was measured of the table as of this instant is published now: the next ones are compared with it."""
    for statement in _MAKE:
        connection.execute(statement)
    connection.execute(
        f"UPDATE {_TABLE} SET published = measured WHERE view = ? AND as_of_us = ?", [view.name, as_of_us]
    )
