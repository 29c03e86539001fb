"""Runs a kernel program: every window state of every spine row, in one pass over chunks of entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fpc.contract.kernel import KernelProgram, KernelState, StateKind
from fpc.runtime.kernel import windows
from fpc.runtime.kernel.layout import (
    FIRST_SLOT,
    MASK,
    TIME,
    Asked,
    Codes,
    Entities,
    Events,
    Ints,
    lay_out_asked,
    lay_out_events,
)

# Events of one chunk: small enough that a chunk's columns stay in the processor's cache over all windows.
_CHUNK_EVENTS = 65_536

Column = tuple[NDArray[np.int64] | NDArray[np.float64], NDArray[np.bool_] | None]


def run(
    program: KernelProgram,
    counted: pa.RecordBatchReader,
    read: pa.RecordBatchReader,
    entities: Entities,
    codes: Codes,
    times: Ints,
) -> Mapping[str, pa.Array]:
    """Every state of the program, one value per spine row in the spine's order.

    `counted` and `read` bring what `program.counts` and `program.events` say; `codes` and `times` are the spine's
    entities (negative: unknown) and instants in microseconds. COUNT and DISTINCT of no rows are 0; SUM and SQUARE too,
    with nothing to tell them from a sum of zeros but the COUNT beside them; the others are null. Sums wrap silently
    beyond 64 bits, so the planner asks only for those that can't. Bit-identical at any chunk size.
    """
    events = lay_out_events(counted, read, entities, len(program.slots))
    asked = lay_out_asked(codes, times, entities.count)
    outputs = [_Output.empty(state, program, codes.size) for state in program.states]
    for chunk in _chunks(events, asked):
        for output, (values, valid) in zip(outputs, _states(program, chunk), strict=True):
            output.values[chunk.rows] = values
            if output.valid is not None and valid is not None:
                output.valid[chunk.rows] = valid
    return {output.name: output.to_arrow() for output in outputs}


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    values: NDArray[np.int64] | NDArray[np.float64]
    valid: NDArray[np.bool_] | None

    @staticmethod
    def empty(state: KernelState, program: KernelProgram, rows: int) -> _Output:
        is_float = state.slot is not None and program.slots[state.slot].is_float
        picks = state.kind in (StateKind.MIN, StateKind.MAX, StateKind.FIRST, StateKind.LAST)
        values = np.zeros(rows, np.float64 if picks and is_float else np.int64)
        return _Output(state.name, values, np.zeros(rows, np.bool_) if picks else None)

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
    entities = events.offsets.size - 1
    begin = 0
    while begin < entities:
        limit = events.offsets[begin] + _CHUNK_EVENTS
        end = max(begin + 1, int(np.searchsorted(events.offsets, limit, side="right")) - 1)
        first, past = events.offsets[begin], events.offsets[end]
        first_row, past_row = asked.offsets[begin], asked.offsets[end]
        if past_row > first_row:
            yield _Chunk(
                events.cells[first:past],
                events.offsets[begin : end + 1] - first,
                asked.times[first_row:past_row],
                asked.offsets[begin : end + 1] - first_row,
                asked.order[first_row:past_row],
            )
        begin = end


def _states(program: KernelProgram, chunk: _Chunk) -> Iterator[Column]:
    """The program's states over one chunk, in its order; what several states share is computed once."""
    work = _Work(program, chunk)
    for state in program.states:
        past = work.edge(state.enters_us)
        first = work.edge(state.leaves_us)
        match state.kind:
            case StateKind.COUNT:
                yield windows.differences(work.counts(state.bit), first, past), None
            case StateKind.SUM:
                yield windows.differences(work.totals(state), first, past), None
            case StateKind.SQUARE:
                yield windows.differences(work.squares(state), first, past), None
            case StateKind.MIN | StateKind.MAX:
                sign = 1 if state.kind is StateKind.MIN else -1
                values, valid = work.values(state), work.valid(state.bit)
                yield windows.extremes(values, valid, chunk.asked_offsets, first, past, sign)
            case StateKind.DISTINCT:
                yield work.distinct(state, first, past), None
            case StateKind.LAST:
                yield windows.pick_newest(work.values(state), work.newest(state), first, past)
            case StateKind.FIRST:
                yield windows.pick_oldest(work.values(state), work.oldest(state), first, past)


class _Work:
    """Columns derived from one chunk, each made when first asked for."""

    def __init__(self, program: KernelProgram, chunk: _Chunk) -> None:
        self._program = program
        self._chunk = chunk
        self._times = np.ascontiguousarray(chunk.cells[:, TIME])
        self._made: dict[tuple[object, ...], NDArray[np.int64] | NDArray[np.float64] | NDArray[np.bool_]] = {}
        self._neighbours: dict[tuple[int, int], tuple[Codes, Ints, Ints]] = {}

    def edge(self, shift: int | None) -> Ints:
        key = ("edge", shift)
        if key not in self._made:
            chunk = self._chunk
            self._made[key] = (
                np.repeat(chunk.offsets[:-1], np.diff(chunk.asked_offsets))
                if shift is None
                else windows.edges(self._times, chunk.offsets, chunk.asked, chunk.asked_offsets, shift)
            )
        return self._made[key]  # type: ignore[return-value]

    def valid(self, bit: int) -> NDArray[np.bool_]:
        key = ("valid", bit)
        if key not in self._made:
            self._made[key] = (self._chunk.cells[:, MASK] >> bit & 1).astype(np.bool_)
        return self._made[key]  # type: ignore[return-value]

    def values(self, state: KernelState) -> NDArray[np.int64] | NDArray[np.float64]:
        key = ("values", state.slot)
        if key not in self._made:
            assert state.slot is not None
            cells = np.ascontiguousarray(self._chunk.cells[:, FIRST_SLOT + state.slot])
            self._made[key] = cells.view(np.float64) if self._program.slots[state.slot].is_float else cells
        return self._made[key]  # type: ignore[return-value]

    def counts(self, bit: int) -> Ints:
        key = ("counts", bit)
        if key not in self._made:
            self._made[key] = windows.running_count(self.valid(bit))
        return self._made[key]  # type: ignore[return-value]

    def totals(self, state: KernelState) -> Ints:
        key = ("totals", state.slot, state.bit)
        if key not in self._made:
            self._made[key] = windows.running_total(self.values(state), self.valid(state.bit))
        return self._made[key]  # type: ignore[return-value]

    def squares(self, state: KernelState) -> Ints:
        key = ("squares", state.slot, state.bit)
        if key not in self._made:
            self._made[key] = windows.running_square(self.values(state), self.valid(state.bit))
        return self._made[key]  # type: ignore[return-value]

    def newest(self, state: KernelState) -> Ints:
        key = ("newest", state.slot, state.bit)
        if key not in self._made:
            values, valid = self.values(state), self.valid(state.bit)
            self._made[key] = windows.newest(values, valid, self._times, self._chunk.offsets)
        return self._made[key]  # type: ignore[return-value]

    def oldest(self, state: KernelState) -> Ints:
        key = ("oldest", state.slot, state.bit)
        if key not in self._made:
            values, valid = self.values(state), self.valid(state.bit)
            self._made[key] = windows.oldest(values, valid, self._times, self._chunk.offsets)
        return self._made[key]  # type: ignore[return-value]

    def distinct(self, state: KernelState, first: Ints, past: Ints) -> Ints:
        assert state.slot is not None
        key = (state.slot, state.bit)
        chunk = self._chunk
        if key not in self._neighbours:
            codes = np.where(self.valid(state.bit), self.values(state), -1).astype(np.int32)
            cardinality = self._program.slots[state.slot].distinct_values
            self._neighbours[key] = (codes, *windows.neighbours(codes, chunk.offsets, cardinality))
        codes, previous, following = self._neighbours[key]
        length = -1 if state.leaves_us is None else state.leaves_us - state.enters_us
        return windows.distinct(
            codes, self._times, chunk.offsets, previous, following, chunk.asked_offsets, first, past, length
        )  # type: ignore[no-any-return]
