"""The kernel's layout of all of a view's events on disk, one file per column, mapped into memory when it is read.

Beside the columns stands the table of entities, by which a spine's keys find their numbers. Who keeps such a folder,
and how long it is right, is up to `fpc.runtime.index`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from fpc.runtime.kernel.layout import FIRST_SLOT, MASK, TIME, Asked, Events, Ints, Run, cut, runs

#: The keys of all entities and their `number`s.
ENTITIES: Final = "entities.parquet"
_OFFSETS: Final = "offsets.npy"
_NARROW: Final = np.dtype(np.int32)
_WIDE: Final = np.dtype(np.int64)


@dataclass(frozen=True, slots=True)
class KeptLayout:
    """Events of every entity, in order of (entity, time): `columns` are those of a `Run`, over all events.

    Entity i has the events `offsets[i]` to `offsets[i + 1]`; `sizes` is the number of codes of each slot (0: no codes).
    """

    columns: tuple[NDArray[Any], ...]
    offsets: Ints
    sizes: tuple[int, ...]

    def runs(self, asked: Asked) -> Iterator[Run]:
        """The entities in chunks, without those chunks of which nobody is asked."""
        cuts = cut(self.offsets)
        for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            if asked.offsets[begin] < asked.offsets[end]:
                first, past = int(self.offsets[begin]), int(self.offsets[end])
                columns = tuple(column[first:past] for column in self.columns)
                yield Run(begin, end, columns, self.offsets[begin : end + 1] - first)


def write_layout(events: Events, sizes: Sequence[int], folder: Path) -> None:
    """Write the columns of the events and their offsets, and see them on the disk.

    Written, not mapped: a full disk is then an error and not the end of the process. Raises `OSError`.
    """
    total = int(events.offsets[-1])
    dtypes = _dtypes(sizes)
    files = [(folder / name).open("wb") for name in _names(len(sizes))]
    try:
        for file, dtype in zip(files, dtypes, strict=True):
            _start(file, dtype, total)
        for run in runs(events):
            for file, column, dtype in zip(files, run.cells, dtypes, strict=True):
                # Not `tofile`, which says nothing of a disk that gets full at the end of a column.
                file.write(np.ascontiguousarray(column, dtype).data)
        for file in files:
            file.flush()
            os.fsync(file.fileno())
    finally:
        for file in files:
            file.close()
    with (folder / _OFFSETS).open("wb") as file:
        np.save(file, events.offsets)
        file.flush()
        os.fsync(file.fileno())


def open_layout(folder: Path, sizes: Sequence[int]) -> KeptLayout:
    """Map what `write_layout` wrote; raises `OSError` or `ValueError` for what is not whole."""
    # Mapped for copying on writing, though nothing writes: the kernel is compiled for arrays that may be written to.
    columns = tuple(np.asarray(np.load(folder / name, mmap_mode="c")) for name in _names(len(sizes)))
    offsets: Ints = np.load(folder / _OFFSETS)
    for column, dtype in zip(columns, _dtypes(sizes), strict=True):
        if column.dtype != dtype or column.shape != (int(offsets[-1]),):
            raise ValueError("a column of another type or length")
    return KeptLayout(columns, offsets, tuple(sizes))


def _names(slots: int) -> list[str]:
    names = [""] * FIRST_SLOT
    names[TIME], names[MASK] = "at.npy", "mask.npy"
    return names + [f"slot_{slot}.npy" for slot in range(slots)]


def _dtypes(sizes: Sequence[int]) -> list[np.dtype[Any]]:
    """Masks and codes stand in half a cell."""
    dtypes: list[np.dtype[Any]] = [_WIDE] * FIRST_SLOT
    dtypes[MASK] = _NARROW
    return dtypes + [_NARROW if size else _WIDE for size in sizes]


def _start(file: IO[bytes], dtype: np.dtype[Any], length: int) -> None:
    npy.write_array_header_1_0(file, {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (length,)})
