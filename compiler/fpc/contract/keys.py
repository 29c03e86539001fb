"""Entity keys as bytes: one spelling for each key, and for each spelling one key.

A key value is a letter for its family and its canonical text; the values of a composite key are joined by `,`. Text
is percent-encoded (RFC 3986: letters, digits and `-._~` stay), so that no value can contain the separator, a brace
or a line's end: two different keys never share a spelling, and an operator can read it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import quote

from fpc.contract.registry import ColumnContract

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DECIMAL: Final = re.compile(r"decimal\((\d+),(\d+)\)")
_LIMITS: Final = {"integer": 31, "bigint": 63, "hugeint": 127}


class KeyValueError(ValueError):
    """A key value that is missing or is not of its column's type; the text names the column, never the value."""


def encode_key(columns: Sequence[ColumnContract], values: Sequence[object]) -> bytes:
    """The canonical bytes of one entity's key, its values in the order of the entity's key columns.

    >>> encode_key([ColumnContract("origin", "varchar"), ColumnContract("hour", "integer")], ["J,FK", 7])
    b'sJ%2CFK,i7'
    """
    if len(columns) != len(values):
        raise KeyValueError(f"the key has {len(columns)} columns, {len(values)} values were given")
    return ",".join(_encode_value(column, value) for column, value in zip(columns, values, strict=True)).encode()


def key_of(columns: Sequence[ColumnContract], entity: Mapping[str, object]) -> bytes:
    """The canonical bytes of the key that `entity` (column to value) holds; further columns in it are ignored."""
    missing = [f"`{column.name}`" for column in columns if column.name not in entity]
    if missing:
        raise KeyValueError(f"the key lacks {', '.join(missing)}")
    return encode_key(columns, [entity[column.name] for column in columns])


def parse_key_value(column: ColumnContract, text: str) -> object:
    """The typed value of a key column written as text, as on a command line; instants as ISO 8601, UTC by default."""
    try:
        return _parse(column.type, text)
    except (ValueError, InvalidOperation) as error:
        raise KeyValueError(f"key `{column.name}` is not a value of type {column.type}") from error


def _parse(type_name: str, text: str) -> object:
    match type_name:
        case "boolean":
            return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else _refuse()
        case "integer" | "bigint" | "hugeint":
            return int(text)
        case "date":
            return date.fromisoformat(text)
        case "timestamp" | "timestamptz":
            return datetime.fromisoformat(text)
        case "varchar":
            return text
        case _:
            return Decimal(text)


def _refuse() -> object:
    raise ValueError


def _encode_value(column: ColumnContract, value: object) -> str:
    if value is None:
        raise KeyValueError(f"key `{column.name}` is null")
    encode = _ENCODERS.get(column.type)
    decimal = _DECIMAL.fullmatch(column.type) if encode is None else None
    try:
        if encode is not None:
            return encode(column.type, value)
        if decimal is not None:
            return _decimal(int(decimal[1]), int(decimal[2]), value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise KeyValueError(f"key `{column.name}` is not a value of type {column.type}") from error
    raise KeyValueError(f"key `{column.name}`: type {column.type} cannot identify an entity")


def _boolean(_: str, value: object) -> str:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "b1" if value else "b0"
    raise TypeError


def _integer(type_name: str, value: object) -> str:
    if isinstance(value, bool):
        raise TypeError
    number = operator.index(value)  # type: ignore[arg-type]  # any integer type, numpy's too; else TypeError
    limit = 1 << _LIMITS[type_name]
    if not -limit <= number < limit:
        raise ValueError
    return f"i{number}"


def _varchar(_: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return "s" + quote(value, safe="")


def _date(_: str, value: object) -> str:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError
    return "d" + value.isoformat()


def _instant(_: str, value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return f"t{(aware - _EPOCH) // _MICROSECOND}"


def _decimal(precision: int, scale: int, value: object) -> str:
    if isinstance(value, (bool, float)) or not isinstance(value, (int, Decimal)):
        raise TypeError
    unscaled = Decimal(value).scaleb(scale)
    if not unscaled.is_finite() or unscaled != unscaled.to_integral_value() or abs(unscaled) >= 10**precision:
        raise ValueError
    return f"n{format(Decimal(int(unscaled)).scaleb(-scale), 'f')}"


_ENCODERS: Final[dict[str, Callable[[str, object], str]]] = {
    "boolean": _boolean,
    "integer": _integer,
    "bigint": _integer,
    "hugeint": _integer,
    "varchar": _varchar,
    "date": _date,
    "timestamp": _instant,
    "timestamptz": _instant,
}
