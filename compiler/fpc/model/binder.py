"""DuckDB's binder: an in-memory connection that describes queries and runs none.

Apart from `fpc.model.typing`, because importing DuckDB takes longer than answering from what is known.
"""

from __future__ import annotations

import duckdb


class Binder:
    """One connection, without access to files."""

    def __init__(self) -> None:
        """Connect."""
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("PRAGMA disable_optimizer")

    def describe(self, query: str) -> list[str] | str:
        """The types of a query's columns in DuckDB's spelling, or its complaint, which may be of several lines."""
        try:
            return [str(row[1]) for row in self._connection.execute(f"DESCRIBE {query}").fetchall()]
        except duckdb.Error as error:
            return str(error)
