"""What the compiled kernel is asked to do: the events it reads and the window states it brings.

Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

#: The mask stands in half a cell beside the entity's number.
MASK_BITS: Final = 31


class StateKind(Enum):
    """A state of one window: how its values are folded."""

    COUNT = "count"  # values that are not masked out
    SUM = "sum"
    SQUARE = "square"  # sum of squares
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class KernelSlot:
    """One column of 64-bit values. With `dictionary_of`, codes from 0 of that column's distinct values."""

    dictionary_of: str | None = None


@dataclass(frozen=True, slots=True)
class KernelState:
    """One output column: state `kind` of `slot` (an index, None for COUNT alone) over rows whose mask has bit `bit`.

    An event of time e counts at t when `e + enters_us <= t < e + leaves_us`; without `leaves_us` for ever.
    """

    name: str
    kind: StateKind
    slot: int | None
    bit: int
    enters_us: int
    leaves_us: int | None


@dataclass(frozen=True, slots=True)
class KernelProgram:
    """What to read and what to make of it.

    `events` is SQL over the relation `kernel_events` (an `entity` number, the view's events, and `kernel_code_<slot>`
    for each slot with a dictionary) that brings, none of them null and all bigint: `entity`, `at` (microseconds),
    `mask`, then one column per slot; `counts` brings `entity` alone. The states stand in `kernel_states`, by `ask`.
    """

    events: str
    counts: str
    slots: tuple[KernelSlot, ...]
    states: tuple[KernelState, ...]
