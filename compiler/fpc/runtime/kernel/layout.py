"""Events and spine rows laid out for the kernel: one run per entity, each in order of time.

Events are moved twice: as they are read, into the chunk of their entity, of which there are a few hundred, so that
every write goes to a page that is at hand; and chunk by chunk, in the processor's cache, into their entity's run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from fpc.runtime.kernel.memory import zeros

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]

TIME = 0
MASK = 1
FIRST_SLOT = 2
#: Events of one chunk: few enough that its columns stay in the processor's cache over all windows.
CHUNK_EVENTS = 65_536
#: So few rows are sorted sooner by moving each to its place.
MOST_INSERTED = 32


@dataclass(frozen=True, slots=True)
class Events:
    """All events in chunks of whole entities; within a chunk in the order they were read.

    A row of `cells` is an event: microseconds, then the entity's number in the upper half of a cell and in the lower
    half the mask of the states it counts for, then the slots. Entity i has `offsets[i + 1] - offsets[i]` events;
    chunk j holds the entities `chunks[j]` to `chunks[j + 1]`.
    """

    cells: Ints
    offsets: Ints
    chunks: Ints


@dataclass(frozen=True, slots=True)
class Run:
    """The entities `begin` to `end`: an array of `cells` per column, sorted by (entity, time), and their offsets."""

    begin: int
    end: int
    cells: tuple[NDArray[Any], ...]
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
    """A spine's entities, numbered from 0: key `least + i` has the number `codes[i]`, or -1 if nobody asks for it."""

    least: int
    codes: Codes
    count: int


def lay_out_events(
    counted: Iterable[pa.RecordBatch],
    read: Iterable[pa.RecordBatch],
    entities: Entities,
    slots: int,
    chunk_events: int = CHUNK_EVENTS,
) -> Events:
    """Place every event in its entity's chunk as it is read; `counted` brings the keys alone, before.

    Events of other entities are left out. An entity of more than `chunk_events` is a chunk by itself.
    """
    sizes = np.zeros(entities.count + 1, np.int64)
    for batch in counted:
        _count(batch.column(0).to_numpy(), entities.least, entities.codes, sizes)
    offsets = np.cumsum(sizes)
    chunks = cut(offsets, chunk_events)
    cells = zeros(int(offsets[-1]), FIRST_SLOT + slots)
    places = offsets[chunks[:-1]]
    chunk_of = np.repeat(np.arange(chunks.size - 1, dtype=np.int32), np.diff(chunks))
    rows = np.empty((FIRST_SLOT + slots, 0), np.int64)
    for batch in read:
        if rows.shape[1] < batch.num_rows:
            rows = np.empty((FIRST_SLOT + slots, batch.num_rows), np.int64)
        keys, *columns = (column.to_numpy() for column in batch.columns)
        for index, column in enumerate(columns):
            rows[index, : batch.num_rows] = column
        _place(keys, entities.least, entities.codes, chunk_of, rows, places, cells)
    return Events(cells, offsets, chunks)


def runs(events: Events) -> Iterator[Run]:
    """The chunks, each sorted; linear where the events were read in order of time. A run is valid until the next."""
    bounds = events.offsets[events.chunks]
    largest = int(np.diff(bounds).max(initial=0))
    width = events.cells.shape[1]
    space = np.empty((width, largest), np.int64)
    for chunk in range(events.chunks.size - 1):
        begin, end = int(events.chunks[chunk]), int(events.chunks[chunk + 1])
        first, past = bounds[chunk], bounds[chunk + 1]
        offsets = events.offsets[begin : end + 1] - first
        cells = space[:, : past - first]
        _gather(events.cells[first:past], begin, offsets, cells)
        _sort(cells, offsets)
        yield Run(begin, end, tuple(cells), offsets)


def lay_out_asked(codes: Codes, times: Ints, entities: int) -> Asked:
    """Sort spine rows by (entity, time); rows with a negative code are left out."""
    offsets = np.zeros(entities + 1, np.int64)
    np.cumsum(np.bincount(codes[codes >= 0], minlength=entities), out=offsets[1:])
    order, sorted_times = _sort_asked(codes, times, offsets)
    return Asked(codes.size, order, offsets, sorted_times)


def cut(offsets: Ints, chunk_events: int = CHUNK_EVENTS) -> Ints:
    """The first entity of each chunk, and the number of entities."""
    cuts = [0]
    while cuts[-1] < offsets.size - 1:
        past = int(np.searchsorted(offsets, offsets[cuts[-1]] + chunk_events, side="right")) - 1
        cuts.append(max(cuts[-1] + 1, past))
    return np.array(cuts, np.int64)


@njit(cache=True)
def _sort_asked(codes: Codes, times: Ints, offsets: Ints) -> tuple[Ints, Ints]:
    """Each entity's rows by time: moved to its run, and sorted there, where most entities have but a few."""
    order = np.empty(offsets[-1], np.int64)
    found = np.empty(offsets[-1], np.int64)
    places = offsets[:-1].copy()
    for row in range(codes.size):
        if codes[row] >= 0:
            place = places[codes[row]]
            places[codes[row]] = place + 1
            order[place] = row
            found[place] = times[row]
    for entity in range(offsets.size - 1):
        begin = offsets[entity]
        end = offsets[entity + 1]
        if end - begin > MOST_INSERTED:
            by_time = np.argsort(found[begin:end], kind="mergesort")
            order[begin:end] = order[begin:end][by_time]
            found[begin:end] = found[begin:end][by_time]
            continue
        for row in range(begin + 1, end):
            moment = found[row]
            moved = order[row]
            place = row
            while place > begin and found[place - 1] > moment:
                found[place] = found[place - 1]
                order[place] = order[place - 1]
                place -= 1
            found[place] = moment
            order[place] = moved
    return order, found


@njit(cache=True)
def _count(keys: Ints, least: int, codes: Codes, sizes: Ints) -> None:
    for key in keys:
        index = key - least
        if 0 <= index < codes.size and codes[index] >= 0:
            sizes[codes[index] + 1] += 1


@njit(cache=True)
def _place(keys: Ints, least: int, codes: Codes, chunk_of: Codes, rows: Ints, places: Ints, cells: Ints) -> None:
    for row in range(keys.size):
        index = keys[row] - least
        if 0 <= index < codes.size and codes[index] >= 0:
            code = np.int64(codes[index])
            chunk = chunk_of[code]
            place = places[chunk]
            places[chunk] = place + 1
            cells[place, 0] = rows[0, row]
            cells[place, 1] = code << 32 | rows[1, row]
            for cell in range(2, cells.shape[1]):
                cells[place, cell] = rows[cell, row]


@njit(cache=True)
def _gather(cells: Ints, begin: int, offsets: Ints, sorted_cells: Ints) -> None:
    places = offsets[:-1].copy()
    for row in range(cells.shape[0]):
        tag = cells[row, 1]
        entity = (tag >> 32) - begin
        place = places[entity]
        places[entity] = place + 1
        sorted_cells[0, place] = cells[row, 0]
        sorted_cells[1, place] = tag & 0xFFFFFFFF
        for cell in range(2, cells.shape[1]):
            sorted_cells[cell, place] = cells[row, cell]


@njit(cache=True)
def _sort(cells: Ints, offsets: Ints) -> None:
    """Sort the entities that are not in order of time, by a stable sort."""
    for entity in range(offsets.size - 1):
        begin = offsets[entity]
        end = offsets[entity + 1]
        for row in range(begin + 1, end):
            if cells[0, row] < cells[0, row - 1]:
                order = np.argsort(cells[0, begin:end], kind="mergesort")
                for cell in range(cells.shape[0]):
                    cells[cell, begin:end] = cells[cell, begin:end][order]
                break
