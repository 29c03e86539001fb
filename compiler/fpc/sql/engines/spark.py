"""Spark: declared, so that a target may name it and be told; not built yet."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from fpc.sql.engines.engine import Engine

SPARK: Final = Engine(
    name="spark",
    dialect="spark",
    built=False,
    lacks={
        exp.ArgMax: "MAX_BY orders by one value and knows no list of the k greatest",
        exp.ArgMin: "MIN_BY orders by one value and knows no list of the k least",
    },
)
