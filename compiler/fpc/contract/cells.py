"""How one value of each type is stored in a packed row: a fixed-width cell, and for text and lists a variable part.

All numbers are little-endian. A null's cell is zero, so that equal rows are equal bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)
_DAY_ZERO: Final = date(1970, 1, 1).toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)
_DECIMAL: Final = re.compile(r"decimal\((\d+),(\d+)\)")
_LENGTH: Final = struct.Struct("<I")
_NARROW_DIGITS: Final = 18


class UnsupportedTypeError(ValueError):
    """A type that the online store cannot hold."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The storage of one type.

    `code` is the cell's `struct` format and `width` its bytes. A fixed-width type turns values into what `struct`
    packs by `pack` and back by `unpack` (None: as they are). A variable one has the cell `I`, the length of its
    bytes in the variable part, and `pack` and `unpack` are to and from those bytes.
    """

    type: str
    code: str
    width: int
    variable: bool
    pack: Callable[[object], object] | None
    unpack: Callable[[object], object] | None


def cell_of(type_name: str) -> Cell:
    """The storage of a logical type, named as in contracts; raises `UnsupportedTypeError` for an interval."""
    plain = _PLAIN.get(type_name)
    if plain is not None:
        return plain
    decimal = _DECIMAL.fullmatch(type_name)
    if decimal is not None:
        return _decimal_cell(type_name, int(decimal[1]), int(decimal[2]))
    if type_name.endswith("[]"):
        return _list_cell(type_name, cell_of(type_name.removesuffix("[]")))
    raise UnsupportedTypeError(f"type {type_name} cannot be stored online")


def _decimal_cell(type_name: str, precision: int, scale: int) -> Cell:
    wide = precision > _NARROW_DIGITS

    def pack(value: object) -> object:
        sign, digits, exponent = Decimal(value).as_tuple()  # type: ignore[arg-type]  # TypeError for what is no number
        if not isinstance(exponent, int):
            raise ValueError("not a finite decimal")
        shift = exponent + scale
        number = int("".join(map(str, digits)) or "0")
        if shift < 0 and number % 10**-shift:
            raise ValueError(f"more than {scale} digits behind the point")
        number = number * 10**shift if shift >= 0 else number // 10**-shift
        if number >= 10**precision:
            raise ValueError(f"more than {precision} digits")
        signed = -number if sign else number
        return signed.to_bytes(16, "little", signed=True) if wide else signed

    def unpack(stored: object) -> object:
        number = int.from_bytes(stored, "little", signed=True) if isinstance(stored, bytes) else stored
        assert isinstance(number, int)
        return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -scale))

    return Cell(type_name, "16s" if wide else "q", 16 if wide else 8, False, pack, unpack)


def _list_cell(type_name: str, element: Cell) -> Cell:
    zero = bytes(element.width)

    def pack(value: object) -> object:
        if not isinstance(value, (list, tuple)):
            raise TypeError("not a list")
        nulls = bytearray((len(value) + 7) // 8)
        cells, tails = [], []
        for index, item in enumerate(value):
            if item is None:
                nulls[index >> 3] |= 1 << (index & 7)
                cells.append(zero)
                continue
            packed = item if element.pack is None else element.pack(item)
            if element.variable:
                assert isinstance(packed, bytes)
                tails.append(packed)
                packed = len(packed)
            cells.append(struct.pack(f"<{element.code}", packed))
        return b"".join((_LENGTH.pack(len(value)), nulls, *cells, *tails))

    def unpack(stored: object) -> object:
        assert isinstance(stored, bytes)
        (count,) = _LENGTH.unpack_from(stored)
        at = 4 + (count + 7) // 8
        nulls = stored[4:at]
        tail = at + count * element.width
        if tail > len(stored):
            raise ValueError("a list is longer than its bytes")
        values: list[object] = []
        for index in range(count):
            (item,) = struct.unpack_from(f"<{element.code}", stored, at + index * element.width)
            if nulls[index >> 3] >> (index & 7) & 1:
                values.append(None)
                continue
            if element.variable:
                item, tail = stored[tail : tail + item], tail + item
            values.append(item if element.unpack is None else element.unpack(item))
        return values

    return Cell(type_name, "I", 4, True, pack, unpack)


def _pack_boolean(value: object) -> object:
    return bool(value)


def _pack_hugeint(value: object) -> object:
    if not isinstance(value, int):
        raise TypeError("not an integer")
    return value.to_bytes(16, "little", signed=True)


def _unpack_hugeint(stored: object) -> object:
    assert isinstance(stored, bytes)
    return int.from_bytes(stored, "little", signed=True)


def _pack_text(value: object) -> object:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value.encode()


def _unpack_text(stored: object) -> object:
    assert isinstance(stored, bytes)
    return stored.decode()


def _pack_date(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError("not a date")
    return value.toordinal() - _DAY_ZERO


def _unpack_date(stored: object) -> object:
    assert isinstance(stored, int)
    try:
        return date.fromordinal(stored + _DAY_ZERO)
    except (ValueError, OverflowError):  # a date that the warehouse can hold and Python cannot
        return "infinity" if stored > 0 else "-infinity"


def _pack_instant(value: object) -> object:
    if not isinstance(value, datetime):
        raise TypeError("not an instant")
    return (value - (_NAIVE_EPOCH if value.tzinfo is None else _UTC_EPOCH)) // _MICROSECOND


def _unpack_naive(stored: object) -> object:
    return _unpack_instant(stored, _NAIVE_EPOCH)


def _unpack_aware(stored: object) -> object:
    return _unpack_instant(stored, _UTC_EPOCH)


def _unpack_instant(stored: object, epoch: datetime) -> object:
    assert isinstance(stored, int)
    try:
        return epoch + timedelta(microseconds=stored)
    except OverflowError:  # an instant that the warehouse can hold and Python cannot
        return "infinity" if stored > 0 else "-infinity"


_PLAIN: Final = {
    cell.type: cell
    for cell in (
        Cell("boolean", "?", 1, False, _pack_boolean, None),
        Cell("integer", "i", 4, False, None, None),
        Cell("bigint", "q", 8, False, None, None),
        Cell("hugeint", "16s", 16, False, _pack_hugeint, _unpack_hugeint),
        Cell("real", "f", 4, False, None, None),
        Cell("double", "d", 8, False, None, None),
        Cell("varchar", "I", 4, True, _pack_text, _unpack_text),
        Cell("date", "i", 4, False, _pack_date, _unpack_date),
        Cell("timestamp", "q", 8, False, _pack_instant, _unpack_naive),
        Cell("timestamptz", "q", 8, False, _pack_instant, _unpack_aware),
    )
}
