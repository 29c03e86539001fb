"""Runs a kernel program: every window state of every spine row, in one pass over chunks of entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fpc.contract.kernel import KernelProgram, KernelState, StateKind
from fpc.runtime.kernel import windows
from fpc.runtime.kernel.layout import FIRST_SLOT, MASK, TIME, Asked, Ints, Run
from fpc.runtime.kernel.memory import zeros

Flags = NDArray[np.bool_]
Column = tuple[Ints, Flags | None]


class KernelOverflowError(Exception):
    """A sum may not fit 64 bits; nothing was computed wrongly, and SQL can do it."""


def run(
    program: KernelProgram, laid_out: Iterable[Run], asked: Asked, dictionary_sizes: Sequence[int]
) -> dict[str, pa.Array]:
    """Every state of the program, one value per spine row in the spine's order.

    `laid_out` brings all entities that are asked for; `dictionary_sizes` has the number of codes of each slot (0: no
    codes).
    COUNT and DISTINCT of no rows are 0; SUM and SQUARE too, with nothing to tell them from a sum of zeros but the
    COUNT beside them; the others are null. Bit-identical at any chunk size. Raises `KernelOverflowError`.
    """
    values = zeros(len(program.states), asked.rows)
    valid = {place: np.zeros(asked.rows, np.bool_) for place, state in enumerate(program.states) if _picks(state)}
    for chunk in _chunks(laid_out, asked):
        for place, (found, known) in enumerate(_states(program, chunk, dictionary_sizes)):
            values[place, chunk.rows] = found
            if known is not None:
                valid[place][chunk.rows] = known
    return {
        state.name: pa.array(values[place], mask=~valid[place] if place in valid else None)
        for place, state in enumerate(program.states)
    }


def _picks(state: KernelState) -> bool:
    """Whether the state is one of the values, and so null where there are none."""
    return state.kind in (StateKind.MIN, StateKind.MAX, StateKind.FIRST, StateKind.LAST)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some whole entities: their events, and the spine rows that ask for them (`rows` in the spine's order)."""

    cells: tuple[NDArray[Any], ...]
    offsets: Ints
    asked: Ints
    asked_offsets: Ints
    rows: Ints


def _chunks(laid_out: Iterable[Run], asked: Asked) -> Iterator[_Chunk]:
    for run_ in laid_out:
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
    """Columns derived from one chunk, each made when first asked for, and gone when the chunk is."""

    def __init__(self, chunk: _Chunk, dictionary_sizes: Sequence[int]) -> None:
        self._chunk = chunk
        self._dictionary_sizes = dictionary_sizes
        self._times = chunk.cells[TIME]
        self._made: dict[tuple[object, ...], Any] = {}

    def edge(self, shift: int | None) -> Ints:
        found: Ints = self._once(("edge", shift), lambda: self._edge(shift))
        return found

    def values(self, slot: int) -> Ints:
        found: Ints = self._chunk.cells[FIRST_SLOT + slot]
        return found

    def valid(self, bit: int) -> Flags:
        found: Flags = self._once(("valid", bit), lambda: (self._chunk.cells[MASK] >> bit & 1).astype(np.bool_))
        return found

    def counts(self, bit: int) -> Ints:
        found: Ints = self._once(("counts", bit), lambda: windows.running_count(self.valid(bit)))
        return found

    def totals(self, slot: int, bit: int) -> Ints:
        self._refuse_overflow(slot, power=1)
        found: Ints = self._once(
            ("totals", slot, bit), lambda: windows.running_total(self.values(slot), self.valid(bit))
        )
        return found

    def squares(self, slot: int, bit: int) -> Ints:
        self._refuse_overflow(slot, power=2)
        found: Ints = self._once(
            ("squares", slot, bit), lambda: windows.running_square(self.values(slot), self.valid(bit))
        )
        return found

    def newest(self, slot: int, bit: int) -> Ints:
        found: Ints = self._once(("newest", slot, bit), lambda: windows.newest(*self._ranked(slot, bit)))
        return found

    def oldest(self, slot: int, bit: int) -> Ints:
        found: Ints = self._once(("oldest", slot, bit), lambda: windows.oldest(*self._ranked(slot, bit)))
        return found

    def distinct(self, slot: int, bit: int, first: Ints, past: Ints, length: int) -> Ints:
        since, until = self._once(("gaps", slot, bit), lambda: self._gaps(slot, bit))
        chunk = self._chunk
        found: Ints = windows.distinct(since, until, chunk.offsets, chunk.asked_offsets, first, past, length)
        return found

    def _once(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _edge(self, shift: int | None) -> Ints:
        chunk = self._chunk
        if shift is None:
            return np.repeat(chunk.offsets[:-1], np.diff(chunk.asked_offsets))
        found: Ints = windows.edges(self._times, chunk.offsets, chunk.asked, chunk.asked_offsets, shift)
        return found

    def _ranked(self, slot: int, bit: int) -> tuple[Ints, Flags, Ints, Ints]:
        return self.values(slot), self.valid(bit), self._times, self._chunk.offsets

    def _gaps(self, slot: int, bit: int) -> tuple[Ints, Ints]:
        codes = np.where(self.valid(bit), self.values(slot), -1).astype(np.int32)
        found: tuple[Ints, Ints] = windows.gaps(codes, self._times, self._chunk.offsets, self._dictionary_sizes[slot])
        return found

    def _refuse_overflow(self, slot: int, power: int) -> None:
        values = self.values(slot)
        if values.size and self._once(("largest", slot), lambda: _largest(values)) ** power * values.size >= 2**63:
            raise KernelOverflowError


def _largest(values: Ints) -> int:
    return max(int(values.max()), -int(values.min()))
