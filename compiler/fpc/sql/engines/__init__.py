"""Engines, one table of differences each; adding one is a module and a line in `ALL`."""

from __future__ import annotations

from typing import Final

from fpc.sql.engines.duckdb import DUCKDB
from fpc.sql.engines.engine import Engine
from fpc.sql.engines.spark import SPARK

__all__ = ["ALL", "BY_NAME", "Engine"]

ALL: Final[tuple[Engine, ...]] = (DUCKDB, SPARK)

#: By the name in a target of `fpc.yml`.
BY_NAME: Final = {engine.name: engine for engine in ALL}
