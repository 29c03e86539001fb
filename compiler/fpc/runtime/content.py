"""A hash of a table's content: of its values, in their order, whatever file or batches they come in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc


class ContentHash:
    """Fed record batches in order; the digest is over names, types, nulls and values, not over batch edges."""

    def __init__(self, schema: pa.Schema) -> None:
        """Start with no rows of the schema."""
        self.rows = 0
        self._names = [f"{field.name}:{field.type}" for field in schema]
        self._columns = [[hashlib.blake2b(digest_size=16) for _ in range(2)] for _ in schema]

    def update(self, batch: pa.RecordBatch) -> None:
        """Take the next rows."""
        self.rows += batch.num_rows
        for column, (values, places) in zip(batch.columns, self._columns, strict=True):
            _feed(column, values, places)

    def digest(self) -> str:
        """The hash so far, `blake2b:` and 32 hex digits."""
        whole = hashlib.blake2b(digest_size=16)
        whole.update(f"{self.rows}".encode())
        for name, hashes in zip(self._names, self._columns, strict=True):
            whole.update(name.encode())
            for found in hashes:
                whole.update(found.digest())
        return f"blake2b:{whole.hexdigest()}"


def file_digest(path: Path) -> str:
    """`sha256:` and the hex digits of a file's bytes."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _feed(column: pa.Array, values: hashlib.blake2b, places: hashlib.blake2b) -> None:
    """Values without nulls go to one hash; which rows are null and how long lists and texts are, to the other."""
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    places.update(_bytes(pc.is_null(column).cast(pa.uint8())))
    present = column.drop_null()
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        places.update(_bytes(pc.list_value_length(present).cast(pa.int64())))
        _feed(present.flatten(), values, places)
    elif pa.types.is_struct(kind):
        for number in range(kind.num_fields):
            _feed(pc.struct_field(present, number), values, places)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        places.update(_bytes(pc.binary_length(present).cast(pa.int64())))
        for text in _packed(present):
            values.update(text)
    elif pa.types.is_boolean(kind):
        values.update(_bytes(present.cast(pa.uint8())))
    elif pa.types.is_null(kind):
        return
    elif pa.types.is_decimal(kind) or pa.types.is_primitive(kind):
        values.update(_bytes(present))
    else:
        values.update(repr(present.to_pylist()).encode())


def _bytes(array: pa.Array) -> memoryview:
    width = array.type.bit_width // 8
    buffer = array.buffers()[1]
    if buffer is None or len(array) == 0:
        return memoryview(b"")
    return memoryview(buffer)[array.offset * width : (array.offset + len(array)) * width]


def _packed(array: pa.Array) -> list[memoryview]:
    if len(array) == 0:
        return []
    wide = array.cast(pa.large_binary())
    offsets = wide.buffers()[1]
    first = int.from_bytes(memoryview(offsets)[wide.offset * 8 : wide.offset * 8 + 8], "little")
    end = (wide.offset + len(wide)) * 8
    last = int.from_bytes(memoryview(offsets)[end : end + 8], "little")
    data = wide.buffers()[2]
    return [] if data is None else [memoryview(data)[first:last]]
