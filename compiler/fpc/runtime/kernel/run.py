"""Runs a kernel program: every window state of every spine row, in one pass over chunks of entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fpc.contract.kernel import KernelProgram, KernelState, StateKind
from fpc.runtime.kernel import windows
from fpc.runtime.kernel.layout import FIRST_SLOT, MASK, TIME, Asked, Entities, Events, Ints, lay_out_events, runs

Flags = NDArray[np.bool_]
Column = tuple[Ints, Flags | None]


class KernelOverflowError(Exception):
    """A sum may not fit 64 bits; nothing was computed wrongly, and SQL can do it."""


def run(
    program: KernelProgram,
    read: Callable[[str], Iterable[pa.RecordBatch]],
    entities: Entities,
    asked: Asked,
    dictionary_sizes: Sequence[int],
) -> dict[str, pa.Array]:
    """Every state of the program, one value per spine row in the spine's order.

    `read` runs SQL over the kernel's events; `dictionary_sizes` has the number of codes of each slot (0: no codes).
    COUNT and DISTINCT of no rows are 0; SUM and SQUARE too, with nothing to tell them from a sum of zeros but the
    COUNT beside them; the others are null. Bit-identical at any chunk size. Raises `KernelOverflowError`.
    """
    events = lay_out_events(read(program.counts), read(program.events), entities, len(program.slots))
    outputs = [_Output.empty(state, asked.rows) for state in program.states]
    for chunk in _chunks(events, asked):
        for output, (values, valid) in zip(outputs, _states(program, chunk, dictionary_sizes), strict=True):
            output.values[chunk.rows] = values
            if output.valid is not None and valid is not None:
                output.valid[chunk.rows] = valid
    return {output.name: output.to_arrow() for output in outputs}


_PICKS = (StateKind.MIN, StateKind.MAX, StateKind.FIRST, StateKind.LAST)


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    values: Ints
    valid: Flags | None

    @staticmethod
    def empty(state: KernelState, rows: int) -> _Output:
        return _Output(state.name, np.zeros(rows, np.int64), np.zeros(rows, np.bool_) if state.kind in _PICKS else None)

    def to_arrow(self) -> pa.Array:
        return pa.array(self.values, mask=None if self.valid is None else ~self.valid)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some whole entities: their events, and the spine rows that ask for them (`rows` in the spine's order)."""

    cells: Ints
    offsets: Ints
    asked: Ints
    asked_offsets: Ints
    rows: Ints


def _chunks(events: Events, asked: Asked) -> Iterator[_Chunk]:
    for run_ in runs(events):
        first, past = asked.offsets[run_.begin], asked.offsets[run_.end]
        offsets = asked.offsets[run_.begin : run_.end + 1] - first
        if past > first:
            yield _Chunk(run_.cells, run_.offsets, asked.times[first:past], offsets, asked.order[first:past])


def _states(program: KernelProgram, chunk: _Chunk, dictionary_sizes: Sequence[int]) -> Iterator[Column]:
    """The program's states over one chunk, in its order; what several states share is computed once."""
    work = _Work(chunk, dictionary_sizes)
    for state in program.states:
        past, first = work.edge(state.enters_us), work.edge(state.leaves_us)
        slot, bit = state.slot if state.slot is not None else -1, state.bit
        match state.kind:
            case StateKind.COUNT:
                yield windows.differences(work.counts(bit), first, past), None
            case StateKind.SUM:
                yield windows.differences(work.totals(slot, bit), first, past), None
            case StateKind.SQUARE:
                yield windows.differences(work.squares(slot, bit), first, past), None
            case StateKind.MIN:
                yield windows.extremes(work.values(slot), work.valid(bit), chunk.asked_offsets, first, past, 1)
            case StateKind.MAX:
                yield windows.extremes(work.values(slot), work.valid(bit), chunk.asked_offsets, first, past, -1)
            case StateKind.DISTINCT:
                length = windows.NEVER - 1 if state.leaves_us is None else state.leaves_us - state.enters_us
                yield work.distinct(slot, bit, first, past, length), None
            case StateKind.LAST:
                yield windows.pick_newest(work.values(slot), work.newest(slot, bit), first, past)
            case StateKind.FIRST:
                yield windows.pick_oldest(work.values(slot), work.oldest(slot, bit), first, past)


class _Work:
    """Columns derived from one chunk, each made when first asked for."""

    def __init__(self, chunk: _Chunk, dictionary_sizes: Sequence[int]) -> None:
        self._chunk = chunk
        self._dictionary_sizes = dictionary_sizes
        self._times = chunk.cells[TIME]
        # Methods are cached on the object, so that the columns go when the chunk does.
        self.edge = cache(self._edge)
        self.values = cache(self._values)
        self.valid = cache(self._valid)
        self.counts = cache(self._counts)
        self.totals = cache(self._totals)
        self.squares = cache(self._squares)
        self.newest = cache(self._newest)
        self.oldest = cache(self._oldest)
        self._gaps = cache(self._find_gaps)

    def distinct(self, slot: int, bit: int, first: Ints, past: Ints, length: int) -> Ints:
        since, until = self._gaps(slot, bit)
        chunk = self._chunk
        found: Ints = windows.distinct(since, until, chunk.offsets, chunk.asked_offsets, first, past, length)
        return found

    def _edge(self, shift: int | None) -> Ints:
        chunk = self._chunk
        if shift is None:
            return np.repeat(chunk.offsets[:-1], np.diff(chunk.asked_offsets))
        found: Ints = windows.edges(self._times, chunk.offsets, chunk.asked, chunk.asked_offsets, shift)
        return found

    def _values(self, slot: int) -> Ints:
        found: Ints = self._chunk.cells[FIRST_SLOT + slot]
        return found

    def _valid(self, bit: int) -> Flags:
        found: Flags = (self._chunk.cells[MASK] >> bit & 1).astype(np.bool_)
        return found

    def _counts(self, bit: int) -> Ints:
        found: Ints = windows.running_count(self.valid(bit))
        return found

    def _totals(self, slot: int, bit: int) -> Ints:
        self._refuse_overflow(slot, power=1)
        found: Ints = windows.running_total(self.values(slot), self.valid(bit))
        return found

    def _squares(self, slot: int, bit: int) -> Ints:
        self._refuse_overflow(slot, power=2)
        found: Ints = windows.running_square(self.values(slot), self.valid(bit))
        return found

    def _newest(self, slot: int, bit: int) -> Ints:
        found: Ints = windows.newest(self.values(slot), self.valid(bit), self._times, self._chunk.offsets)
        return found

    def _oldest(self, slot: int, bit: int) -> Ints:
        found: Ints = windows.oldest(self.values(slot), self.valid(bit), self._times, self._chunk.offsets)
        return found

    def _find_gaps(self, slot: int, bit: int) -> tuple[Ints, Ints]:
        codes = np.where(self.valid(bit), self.values(slot), -1).astype(np.int32)
        found: tuple[Ints, Ints] = windows.gaps(codes, self._times, self._chunk.offsets, self._dictionary_sizes[slot])
        return found

    def _refuse_overflow(self, slot: int, power: int) -> None:
        values = self.values(slot)
        if values.size and max(int(values.max()), -int(values.min())) ** power * values.size >= 2**63:
            raise KernelOverflowError
