"""Rows in a file of Arrow's stream format, which DuckDB reads as a relation, a batch at a time and as often as it asks.

A data set of Arrow's would fetch the whole file ahead of its reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ArrowFile:
    """A file that `pyarrow.ipc.new_stream` wrote; register it to read it."""

    path: Path

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A new reader of the file, by Arrow's protocol for exchanging streams."""
        return pa.ipc.open_stream(pa.OSFile(str(self.path))).__arrow_c_stream__(requested_schema)
