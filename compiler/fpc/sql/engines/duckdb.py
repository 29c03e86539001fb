"""DuckDB: the reference engine, whose dialect is the base; it differs in nothing."""

from __future__ import annotations

from typing import Final

from fpc.sql.engines.engine import Engine

DUCKDB: Final = Engine(name="duckdb", dialect="duckdb", built=True, lacks={})
