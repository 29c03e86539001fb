r"""The row keys of one batch as DuckDB made them: `$<length>\r\n<key>\r\n`, ready to be sent to Redis as they lie.

A Python step for each key, to make it and to frame it, was half of what publishing cost this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import pyarrow as pa

from fpc.runtime.quoting import literal


def framed_key(prefix: bytes, entity: str) -> str:
    """SQL of the key `prefix{entity}` as such an argument; `entity` is SQL of what `fpc.contract.keys` spells."""
    around = len(prefix) + len(b"{}")
    before, after = literal("\r\n" + prefix.decode() + "{"), literal("}\r\n")
    return f"concat('$', strlen({entity}) + {around:d}, {before}, {entity}, {after})"


class KeyColumn(Sequence[bytes]):
    """The keys in a column of framed ones; as bytes one by one where asked for."""

    def __init__(self, framed: pa.Array) -> None:
        """Take a string column without nulls; nothing is copied yet."""
        self._framed = framed.cast(pa.string())

    def __len__(self) -> int:
        """How many rows."""
        return len(self._framed)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        """One key, or some."""
        return self._keys[at]

    def bulk_strings(self) -> memoryview:
        """All keys as they are sent, one after another."""
        _, offsets, data = self._framed.buffers()
        edges = memoryview(offsets).cast("i")
        start = self._framed.offset
        return memoryview(data)[edges[start] : edges[start + len(self)]]

    @cached_property
    def _keys(self) -> list[bytes]:
        # No key has a line's end in it: texts are percent-encoded.
        return bytes(self.bulk_strings()).split(b"\r\n")[1::2]
