"""The kernel's states of all shards, in the order of the asks, in files: what streams beside the spine without a join.

A page of a file is the system's to take back, and is given back at once when it is written.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fpc.runtime.arrow_file import ArrowFile

Ints = NDArray[np.int64]

#: So many rows are moved before their pages are given back.
_ROWS_AT_ONCE = 1 << 18
#: So many rows are read at once.
_ROWS_READ = 1 << 14


class SpilledStates:
    """The columns of tables of states, a row per ask; the asks are the numbers from `first`, `rows` in all."""

    def __init__(self, file: Path, first: int, rows: int) -> None:
        """Have nothing yet; `file` is where `relation` is to be, and its folder has room for the states twice."""
        self._file = file
        self._first = first
        self._rows = rows
        self._columns: dict[str, _Column] = {}

    @property
    def is_filled(self) -> bool:
        """Whether anything was put in."""
        return bool(self._columns)

    def put(self, states: pa.Table) -> None:
        """Take one shard's states, 64-bit integers or null, by their column `ask`; raises `OSError` on a full disk."""
        places = states.column("ask").to_numpy() - self._first
        for name in states.column_names:
            if name not in self._columns:
                self._columns[name] = _Column(self._file.parent, self._rows)
            self._columns[name].put(places, states.column(name).combine_chunks())

    def relation(self) -> ArrowFile:
        """All that was put in, which must be every ask, in their order: one file, which is read a part at a time."""
        schema = pa.schema([pa.field(name, pa.int64()) for name in self._columns])
        with pa.ipc.new_stream(str(self._file), schema) as writer:
            for begin in range(0, self._rows, _ROWS_READ):
                parts = [column.take(begin, _ROWS_READ) for column in self._columns.values()]
                writer.write_batch(pa.RecordBatch.from_arrays(parts, schema=schema))
        self._columns = {}
        return ArrowFile(self._file)


class _Column:
    """One state: its values, and for each whether it is there."""

    def __init__(self, folder: Path, rows: int) -> None:
        self._folder = folder
        self._rows = rows
        self._values = _OnDisk(folder, np.dtype(np.int64), rows)
        self._missing: _OnDisk | None = None

    def put(self, places: Ints, states: pa.Array) -> None:
        self._values.put(places, states.fill_null(0).to_numpy())
        if states.null_count:
            self._missing = self._missing or _OnDisk(self._folder, np.dtype(np.bool_), self._rows)
            self._missing.put(places, states.is_null().to_numpy(zero_copy_only=False))

    def take(self, begin: int, rows: int) -> pa.Array:
        missing = None if self._missing is None else self._missing.take(begin, rows)
        return pa.array(self._values.take(begin, rows), mask=missing)


class _OnDisk:
    """An array of zeros in a file that has no name, so that it goes with the array."""

    def __init__(self, folder: Path, kind: np.dtype[Any], rows: int) -> None:
        with tempfile.TemporaryFile(dir=folder) as file:
            _reserve(file, rows * kind.itemsize)
            self._memory = mmap.mmap(file.fileno(), rows * kind.itemsize)
        self._cells: NDArray[Any] = np.frombuffer(self._memory, kind)

    def put(self, places: Ints, values: NDArray[Any]) -> None:
        for begin in range(0, len(places), _ROWS_AT_ONCE):
            self._cells[places[begin : begin + _ROWS_AT_ONCE]] = values[begin : begin + _ROWS_AT_ONCE]
            self._memory.madvise(mmap.MADV_DONTNEED)

    def take(self, begin: int, rows: int) -> NDArray[Any]:
        taken = self._cells[begin : begin + rows].copy()
        self._memory.madvise(mmap.MADV_DONTNEED)
        return taken


def _reserve(file: IO[bytes], size: int) -> None:
    """Take the room on the disk now: where it is full, a write to a page would end the process without a word."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    zeros = bytes(1 << 20)
    for begin in range(0, size, len(zeros)):
        file.write(zeros[: size - begin])
    file.flush()
