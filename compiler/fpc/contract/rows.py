"""Packed rows: all features of one entity and view in one value, with the instant they are as of.

    0   magic 0xF9 (1) · format 1 (1) · flags (2; bit 0: tombstone)
    4   size of the whole row (4)
    8   as of, microseconds since 1970 (8, signed)
    16  run: which publication wrote it (4)
    20  null bitmap, one bit a feature, lowest first; then the cells in order; then the variable parts in order

A **tombstone** stands for an entity that has left the view: it holds the values of an entity with no event, and keeps
an older refresh from bringing the entity back. Standard library only; the vectorised encoder of `fpc.runtime.publish`
gives the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from fpc.contract.cells import Cell, cell_of

MAGIC: Final = 0xF9
FORMAT: Final = 1
TOMBSTONE: Final = 1
HEADER: Final = struct.Struct("<BBHIqI")
_HEADER_SIZE: Final = HEADER.size
_unpack_header: Final = HEADER.unpack_from
# The fields of the header that the store's scripts read: a little-endian u32 and i64.
SIZE_OFFSET: Final = 4
AS_OF_OFFSET: Final = 8


class RowError(ValueError):
    """Bytes that are not a row of this layout, or a value that is not of its column's type."""


class Row(NamedTuple):
    """A decoded row: the features' values in the order of the layout."""

    as_of_us: int
    run: int
    tombstone: bool
    values: tuple[object, ...]


class RowCodec:
    """Encodes and decodes the rows of one layout: the features' types, in order.

    >>> codec = RowCodec(["bigint", "varchar"])
    >>> codec.decode(codec.encode([7, "late"], as_of_us=5)).values
    (7, 'late')
    """

    __slots__ = (
        "_cells",
        "_cells_offset",
        "_finish",
        "_no_nulls",
        "_unpack_cells",
        "cells",
        "fixed_width",
        "nulls_width",
    )

    def __init__(self, types: Sequence[str]) -> None:
        """Prepare the layout; raises `UnsupportedTypeError` for a type that cannot be stored."""
        self.cells: tuple[Cell, ...] = tuple(cell_of(name) for name in types)
        self.nulls_width = (len(self.cells) + 7) // 8
        self._cells = struct.Struct("<" + "".join(cell.code for cell in self.cells))
        self.fixed_width = HEADER.size + self.nulls_width + self._cells.size
        self._cells_offset = HEADER.size + self.nulls_width
        self._unpack_cells: Callable[[bytes, int], tuple[object, ...]] = self._cells.unpack_from
        self._no_nulls = bytes(self.nulls_width)
        self._finish = tuple((at, cell) for at, cell in enumerate(self.cells) if cell.unpack is not None)

    def encode(self, values: Sequence[object], as_of_us: int, run: int = 0, *, tombstone: bool = False) -> bytes:
        """The bytes of one row; raises `RowError` where a value is not of its column's type."""
        if len(values) != len(self.cells):
            raise RowError(f"the row has {len(self.cells)} features, {len(values)} values were given")
        nulls = bytearray(self.nulls_width)
        fixed: list[object] = []
        tails: list[bytes] = []
        for at, (cell, value) in enumerate(zip(self.cells, values, strict=True)):
            if value is None:
                nulls[at >> 3] |= 1 << (at & 7)
                fixed.append(bytes(cell.width) if cell.code == "16s" else 0)
                continue
            try:
                packed = value if cell.pack is None else cell.pack(value)
            except (TypeError, ValueError, ArithmeticError) as error:
                raise RowError(f"feature {at} is not a value of type {cell.type}") from error
            if cell.variable:
                assert isinstance(packed, bytes)
                tails.append(packed)
                packed = len(packed)
            fixed.append(packed)
        tail = b"".join(tails)
        try:
            cells = self._cells.pack(*fixed)
        except (struct.error, OverflowError) as error:
            raise RowError("a feature's value is not of its column's type") from error
        header = HEADER.pack(
            MAGIC, FORMAT, TOMBSTONE if tombstone else 0, self.fixed_width + len(tail), as_of_us, run & 0xFFFFFFFF
        )
        return b"".join((header, nulls, cells, tail))

    def decode(self, data: bytes) -> Row:
        """The row in `data`; raises `RowError` for bytes of another layout or format."""
        size = len(data)
        if size < self.fixed_width:
            raise RowError("the stored row is too short for its layout")
        magic, format_number, flags, stored_size, as_of_us, run = _unpack_header(data)
        if magic != MAGIC or format_number != FORMAT or stored_size != size:
            raise RowError("the stored row is damaged, or was written by another version of fpc")
        values = self._unpack_cells(data, self._cells_offset)
        nulls = data[_HEADER_SIZE : self._cells_offset]
        if self._finish or nulls != self._no_nulls:
            values = tuple(self._finished(list(values), nulls, data))
        return Row(as_of_us, run, flags & TOMBSTONE != 0, values)

    def _finished(self, values: list[object], nulls: bytes, data: bytes) -> list[object]:
        tail = self.fixed_width
        for at, cell in self._finish:
            stored = values[at]
            if cell.variable:
                assert isinstance(stored, int)
                start, tail = tail, tail + stored
                stored = data[start:tail]
            if not nulls[at >> 3] >> (at & 7) & 1:
                assert cell.unpack is not None
                try:
                    values[at] = cell.unpack(stored)
                except (ValueError, IndexError, struct.error) as error:
                    raise RowError("the stored row is damaged") from error
        if nulls != self._no_nulls:
            for at in range(len(values)):
                if nulls[at >> 3] >> (at & 7) & 1:
                    values[at] = None
        return values
