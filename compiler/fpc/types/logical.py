"""Logical column types: what a value is, whatever the engine calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """The families of types; the value is DuckDB's name, which is also how specs spell it."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    BIGINT = "bigint"
    HUGEINT = "hugeint"
    REAL = "real"
    DOUBLE = "double"
    DECIMAL = "decimal"
    VARCHAR = "varchar"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    INTERVAL = "interval"
    LIST = "list"


_SYNONYMS: Final = {
    "bool": Kind.BOOLEAN,
    "tinyint": Kind.INTEGER,
    "smallint": Kind.INTEGER,
    "int": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.BIGINT,
    "long": Kind.BIGINT,
    "float": Kind.REAL,
    "string": Kind.VARCHAR,
    "text": Kind.VARCHAR,
    "timestamp with time zone": Kind.TIMESTAMPTZ,
}
_DECIMAL: Final = re.compile(r"(?:decimal|numeric)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?")
_EXACT: Final = frozenset({Kind.BOOLEAN, Kind.INTEGER, Kind.BIGINT, Kind.HUGEINT, Kind.DECIMAL})


@dataclass(frozen=True, slots=True)
class LogicalType:
    """One type; `precision` and `scale` are a decimal's alone, `element` a list's alone.

    >>> str(LogicalType.parse("decimal(12, 2)"))
    'decimal(12,2)'
    >>> str(LogicalType.parse("BIGINT[]"))
    'bigint[]'
    """

    kind: Kind
    precision: int | None = None
    scale: int | None = None
    element: LogicalType | None = None

    @staticmethod
    def parse(text: str) -> LogicalType:
        """Read a type as specs and DuckDB's DESCRIBE spell it, in any case; raises `ValueError` for others."""
        name = text.strip().lower()
        if name.endswith("[]"):
            return LogicalType(Kind.LIST, element=LogicalType.parse(name[:-2]))
        decimal = _DECIMAL.fullmatch(name)
        if decimal is not None:
            precision, scale = int(decimal[1] or 18), int(decimal[2] or (0 if decimal[1] else 3))
            if not (1 <= precision <= 38 and scale <= precision):
                raise ValueError("a decimal has 1 to 38 digits, and no more of them behind the point")
            return LogicalType(Kind.DECIMAL, precision, scale)
        kind = _SYNONYMS.get(name)
        if kind is None:
            kind = Kind(name)
        if kind in (Kind.LIST, Kind.DECIMAL):
            raise ValueError("write a list as its element's type and []")
        return LogicalType(kind)

    @property
    def is_exact(self) -> bool:
        """Whether addition is exact and so independent of order: integers, decimals and booleans."""
        return self.kind in _EXACT

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic makes sense; booleans are not numbers."""
        return self.kind in (Kind.INTEGER, Kind.BIGINT, Kind.HUGEINT, Kind.DECIMAL, Kind.REAL, Kind.DOUBLE)

    @property
    def is_float(self) -> bool:
        """Whether it is REAL or DOUBLE, whose sums depend on the order of additions."""
        return self.kind in (Kind.REAL, Kind.DOUBLE)

    def __str__(self) -> str:
        """The spelling that specs, contracts and DuckDB all read."""
        match self.kind:
            case Kind.DECIMAL:
                return f"decimal({self.precision},{self.scale})"
            case Kind.LIST:
                return f"{self.element}[]"
            case _:
                return str(self.kind.value)
