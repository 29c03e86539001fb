"""A hash of a table's content: of its values, in their order, whatever file or batches they come in."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import compute

# Its functions are made when it is imported, which no type checker sees.
pc: Final[Any] = compute


class ContentHash:
    """Fed record batches in order; the digest is over names, types, nulls and values, not over batch edges."""

    def __init__(self, schema: pa.Schema) -> None:
        """Start with no rows of the schema."""
        self.rows = 0
        self._names = [f"{field.name}:{field.type}" for field in schema]
        self._columns = [_ColumnHash(field.type) for field in schema]

    def update(self, batch: pa.RecordBatch) -> None:
        """Take the next rows."""
        self.rows += batch.num_rows
        for column, found in zip(batch.columns, self._columns, strict=True):
            found.update(column)

    def digest(self) -> str:
        """The hash so far, `sha256:` and 64 hex digits."""
        whole = hashlib.sha256(str(self.rows).encode())
        for name, found in zip(self._names, self._columns, strict=True):
            whole.update(name.encode())
            whole.update(found.digest())
        return f"sha256:{whole.hexdigest()}"


class _ColumnHash:
    """Which values are null, how long lists and texts are, the values without nulls: a hash for each."""

    def __init__(self, kind: pa.DataType) -> None:
        self._nulls, self._lengths, self._values = (hashlib.sha256() for _ in range(3))
        self._items = _ColumnHash(kind.value_type) if _is_list(kind) else None
        self._fields = [_ColumnHash(field.type) for field in kind] if pa.types.is_struct(kind) else []

    def update(self, column: pa.Array) -> None:
        if isinstance(column, pa.DictionaryArray):
            column = column.dictionary_decode()
        kind = column.type
        self._nulls.update(_bytes(pc.is_null(column).cast(pa.uint8())))
        present = column.drop_null()
        if self._items is not None:
            self._lengths.update(_bytes(pc.list_value_length(present).cast(pa.int64())))
            self._items.update(present.flatten())
        elif self._fields:
            for number, found in enumerate(self._fields):
                found.update(pc.struct_field(present, number))
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
            self._lengths.update(_bytes(pc.binary_length(present).cast(pa.int64())))
            self._values.update(_packed(present))
        elif pa.types.is_boolean(kind):
            self._values.update(_bytes(present.cast(pa.uint8())))
        elif pa.types.is_decimal(kind) or pa.types.is_primitive(kind):
            self._values.update(_bytes(present))
        elif not pa.types.is_null(kind):
            self._values.update("".join(f"{value!r}\n" for value in present.to_pylist()).encode())

    def digest(self) -> bytes:
        below = [self._items, *self._fields]
        parts = [found.digest() for found in (self._nulls, self._lengths, self._values)]
        return b"".join([*parts, *(found.digest() for found in below if found is not None)])


def file_digest(path: Path) -> str:
    """`sha256:` and the hex digits of a file's bytes."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _bytes(array: pa.Array) -> memoryview:
    width = array.type.bit_width // 8
    buffer = array.buffers()[1]
    if buffer is None or len(array) == 0:
        return memoryview(b"")
    return memoryview(buffer)[array.offset * width : (array.offset + len(array)) * width]


def _packed(array: pa.Array) -> memoryview:
    """The texts' bytes, one behind the other."""
    if len(array) == 0:
        return memoryview(b"")
    wide = array.cast(pa.large_binary())
    _, offsets, data = wide.buffers()
    first, last = (
        int.from_bytes(memoryview(offsets)[place * 8 : place * 8 + 8], "little")
        for place in (wide.offset, wide.offset + len(wide))
    )
    return memoryview(b"") if data is None else memoryview(data)[first:last]


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
