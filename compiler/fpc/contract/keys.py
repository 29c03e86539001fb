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
from functools import partial
from typing import Final
from urllib.parse import quote

from fpc.contract.registry import ColumnContract

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DECIMAL: Final = re.compile(r"decimal\((\d+),(\d+)\)")


class KeyValueError(ValueError):
    """A key value that is missing or is not of its column's type; the text names the column, never the value."""


class KeyCodec:
    """Encodes the keys of one entity: its key columns, in order.

    >>> codec = KeyCodec([ColumnContract("origin", "varchar"), ColumnContract("hour", "integer")])
    >>> codec.encode(["J,FK", 7])
    b'sJ%2CFK,i7'
    >>> codec.encode_of({"hour": 7, "origin": "J,FK", "flight": 12})
    b'sJ%2CFK,i7'
    """

    __slots__ = ("_columns",)

    def __init__(self, columns: Sequence[ColumnContract]) -> None:
        """Prepare for these columns; raises `KeyValueError` for a type that cannot identify an entity."""
        self._columns = tuple((column.name, column.type, _encoder_of(column)) for column in columns)

    def encode(self, values: Sequence[object]) -> bytes:
        """The canonical bytes of the key with these values, in the order of the columns."""
        if len(values) != len(self._columns):
            raise KeyValueError(f"the key has {len(self._columns)} columns, {len(values)} values were given")
        parts = []
        for (name, type_name, encode), value in zip(self._columns, values, strict=True):
            if value is None:
                raise KeyValueError(f"key `{name}` is null")
            try:
                parts.append(encode(value))
            except (TypeError, ValueError, InvalidOperation) as error:
                raise KeyValueError(f"key `{name}` is not a value of type {type_name}") from error
        return ",".join(parts).encode()

    def encode_of(self, entity: Mapping[str, object]) -> bytes:
        """The canonical bytes of the key that `entity` (column to value) holds; further columns in it are ignored."""
        try:
            values = [entity[name] for name, _, _ in self._columns]
        except KeyError:
            missing = ", ".join(f"`{name}`" for name, _, _ in self._columns if name not in entity)
            raise KeyValueError(f"the key lacks {missing}") from None
        return self.encode(values)


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


def _encoder_of(column: ColumnContract) -> Callable[[object], str]:
    plain = _ENCODERS.get(column.type)
    if plain is not None:
        return plain
    decimal = _DECIMAL.fullmatch(column.type)
    if decimal is None:
        raise KeyValueError(f"key `{column.name}`: type {column.type} cannot identify an entity")
    return partial(_decimal, int(decimal[1]), int(decimal[2]))


def _boolean(value: object) -> str:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):  # numpy's own, by its names
        return "b1" if value else "b0"
    raise TypeError


def _integer(limit: int, value: object) -> str:
    if isinstance(value, bool):
        raise TypeError
    number = operator.index(value)  # type: ignore[arg-type]  # any integer type, numpy's too; else TypeError
    if not -limit <= number < limit:
        raise ValueError
    return f"i{number}"


def _varchar(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return "s" + quote(value, safe="")


def _date(value: object) -> str:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError
    return "d" + value.isoformat()


def _instant(value: object) -> str:
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


_ENCODERS: Final[dict[str, Callable[[object], str]]] = {
    "boolean": _boolean,
    "integer": partial(_integer, 1 << 31),
    "bigint": partial(_integer, 1 << 63),
    "hugeint": partial(_integer, 1 << 127),
    "varchar": _varchar,
    "date": _date,
    "timestamp": _instant,
    "timestamptz": _instant,
}
