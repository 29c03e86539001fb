"""Bounds what DuckDB may hold in memory while the gate measures: what does not fit is kept on disk meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb

MEASURING_BYTES: Final = 1 << 30
_UNITS: Final = {"bytes": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}


@contextmanager
def bounded_memory(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """At most a gibibyte for DuckDB; a lower limit that is set already stays."""
    ((before,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    if _bytes(str(before)) <= MEASURING_BYTES:
        yield
        return
    connection.execute(f"SET memory_limit = '{MEASURING_BYTES >> 20}MiB'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{before}'")


def _bytes(text: str) -> float:
    """What DuckDB's text of a size means; without bound where it is not understood.

    >>> _bytes("953.6 MiB") / (1 << 20)
    953.6
    """
    found = re.fullmatch(r"([\d.]+) ?(\w+)", text)
    if found is None or found[2] not in _UNITS:
        return float("inf")
    return float(found[1]) * (1 << _UNITS[found[2]])
