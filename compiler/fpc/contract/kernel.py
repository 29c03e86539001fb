"""What the compiled kernel is asked to do: the events it reads and the window states it brings. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
    """One column of values: `is_float` tells doubles from integers (and from scaled decimals, codes and instants).

    `distinct_values` bounds codes from 0 for slots that DISTINCT reads; 0 where no state does.
    """

    is_float: bool
    distinct_values: int = 0


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
    """`events` is SQL that brings, none of them null: the entity's key or number (bigint), `at` (bigint, microseconds),
    `mask` (bigint), then one column per slot (bigint or double); `counts` brings the first of them alone.
    """

    events: str
    counts: str
    slots: tuple[KernelSlot, ...]
    states: tuple[KernelState, ...]
