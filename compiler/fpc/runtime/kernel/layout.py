"""Events and spine rows laid out for the kernel: one run per entity, each in order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]

TIME = 0
MASK = 1
FIRST_SLOT = 2


@dataclass(frozen=True, slots=True)
class Events:
    """All events, a row each, sorted by (entity, time), ties in input order.

    `cells[:, TIME]` are microseconds, `cells[:, MASK]` which states a row counts for, and the slots follow; a double
    stands as the integer of its bits. Rows `offsets[i]` to `offsets[i + 1]` are those of entity i.
    """

    cells: Ints
    offsets: Ints


@dataclass(frozen=True, slots=True)
class Asked:
    """The spine sorted by (entity, time): `order[j]` is the input row at sorted place j of `rows` in all."""

    rows: int
    order: Ints
    offsets: Ints
    times: Ints


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of a spine, numbered from 0: key `least + i` has the number `codes[i]`, or -1 if nobody asks for it."""

    least: int
    codes: Codes
    count: int


def lay_out_events(
    counted: Iterable[pa.RecordBatch], read: Iterable[pa.RecordBatch], entities: Entities, slots: int
) -> Events:
    """Place every event in its entity's run as it is read; `counted` brings the keys alone, before.

    Each event is moved once. Linear when the input is in order of time, as event files mostly are; an entity that is
    out of order is sorted by itself. Events of other entities are left out.
    """
    sizes = np.zeros(entities.count + 1, np.int64)
    for batch in counted:
        _count(batch.column(0).to_numpy(), entities.least, entities.codes, sizes)
    offsets = np.cumsum(sizes)
    cells = np.empty((offsets[-1], FIRST_SLOT + slots), np.int64)
    places = offsets[:-1].copy()
    rows = np.empty((0, FIRST_SLOT + slots), np.int64)
    for batch in read:
        if rows.shape[0] < batch.num_rows:
            rows = np.empty((batch.num_rows, FIRST_SLOT + slots), np.int64)
        keys, *columns = (column.to_numpy() for column in batch.columns)
        for index, column in enumerate(columns):
            rows[: batch.num_rows, index] = column.view(np.int64)
        _place(keys, entities.least, entities.codes, rows, places, cells)
    for entity in _out_of_order(cells, offsets):
        run = slice(offsets[entity], offsets[entity + 1])
        cells[run] = cells[run][np.argsort(cells[run, TIME], kind="stable")]
    return Events(cells, offsets)


def lay_out_asked(codes: Codes, times: Ints, entities: int) -> Asked:
    """Sort spine rows by (entity, time); rows with a negative code are left out."""
    known = np.flatnonzero(codes >= 0)
    order = known[np.lexsort((times[known], codes[known]))]
    offsets = np.zeros(entities + 1, np.int64)
    np.cumsum(np.bincount(codes[known], minlength=entities), out=offsets[1:])
    return Asked(codes.size, order, offsets, times[order])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _count(keys: Ints, least: int, codes: Codes, sizes: Ints) -> None:
    for key in keys:
        index = key - least
        if 0 <= index < codes.size and codes[index] >= 0:
            sizes[codes[index] + 1] += 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def _place(keys: Ints, least: int, codes: Codes, rows: Ints, places: Ints, cells: Ints) -> None:
    for row in range(keys.size):
        index = keys[row] - least
        if 0 <= index < codes.size and codes[index] >= 0:
            code = codes[index]
            place = places[code]
            for cell in range(rows.shape[1]):
                cells[place, cell] = rows[row, cell]
            places[code] = place + 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def _out_of_order(cells: Ints, offsets: Ints) -> Ints:
    found = [np.int64(0) for _ in range(0)]
    for entity in range(offsets.size - 1):
        for row in range(offsets[entity] + 1, offsets[entity + 1]):
            if cells[row, 0] < cells[row - 1, 0]:
                found.append(np.int64(entity))
                break
    return np.array(found, np.int64)
