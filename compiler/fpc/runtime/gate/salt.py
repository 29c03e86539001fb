"""The salt of the hashes by which the gate names keys: random, made once per warehouse, and kept in it.

Without it, a hash of a key would hide the key from nobody who can try all keys. Who may read the salt may read the
keys as well.
"""

from __future__ import annotations

import secrets
from typing import Final

import duckdb

_SCHEMA: Final = "fpc_state"
TABLE: Final = f"{_SCHEMA}.key_salt"
_BYTES: Final = 16


def salt_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The warehouse's salt, 32 hex digits; made at the first call, for which `connection` must be one that writes."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (salt VARCHAR)")
    connection.execute(
        f"INSERT INTO {TABLE} SELECT ? WHERE NOT EXISTS (SELECT 1 FROM {TABLE})", [secrets.token_hex(_BYTES)]
    )
    ((salt,),) = connection.execute(f"SELECT salt FROM {TABLE}").fetchall()
    return str(salt)
