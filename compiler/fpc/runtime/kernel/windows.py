"""The aggregates of sliding windows, each in one pass over the sorted events.

An event of time e is in the window of a spine row of time t when `e + enters <= t < e + leaves` (microseconds; the
two shifts hold the window's length, its offset and the boundary rule; a lifetime window never leaves). Rows of equal
time enter and leave together, so every window is a run `first[i]:past[i]` of the sorted events.

Every function takes the sorted events and gives one value per sorted spine row. `valid` marks values that are not
null.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Values = Ints
#: The gap on a side where no event of the value is: longer than every stay.
NEVER: Final = 2**63 - 1


@njit(cache=True)
def edges(times: Ints, offsets: Ints, asked: Ints, asked_offsets: Ints, shift: int) -> Ints:
    """Per spine row, the place of the first event of its entity with `time + shift > t`: one edge of a window."""
    found = np.empty(asked.size, np.int64)
    for entity in range(offsets.size - 1):
        place = offsets[entity]
        end = offsets[entity + 1]
        for row in range(asked_offsets[entity], asked_offsets[entity + 1]):
            last = asked[row] - shift
            while place < end and times[place] <= last:
                place += 1
            found[row] = place
    return found


@njit(cache=True)
def running_total(values: Ints, valid: Flags) -> Ints:
    """Sums of all values before each place, nulls as nothing, over all entities: differences never cross one."""
    totals = np.empty(values.size + 1, np.int64)
    totals[0] = 0
    for place in range(values.size):
        totals[place + 1] = totals[place] + (values[place] if valid[place] else 0)
    return totals


@njit(cache=True)
def running_square(values: Ints, valid: Flags) -> Ints:
    """As `running_total`, of the values' squares."""
    totals = np.empty(values.size + 1, np.int64)
    totals[0] = 0
    for place in range(values.size):
        totals[place + 1] = totals[place] + (values[place] * values[place] if valid[place] else 0)
    return totals


@njit(cache=True)
def running_count(valid: Flags) -> Ints:
    """How many values are not null before each place."""
    totals = np.empty(valid.size + 1, np.int64)
    totals[0] = 0
    for place in range(valid.size):
        totals[place + 1] = totals[place] + (1 if valid[place] else 0)
    return totals


@njit(cache=True)
def differences(totals: Ints, first: Ints, past: Ints) -> Ints:
    """What a running total grew by within each window."""
    grown = np.empty(first.size, np.int64)
    for row in range(first.size):
        grown[row] = totals[past[row]] - totals[first[row]]
    return grown


@njit(cache=True)
def extremes(
    values: Values, valid: Flags, asked_offsets: Ints, first: Ints, past: Ints, sign: int
) -> tuple[Values, Flags]:
    """The least (sign 1) or greatest (sign -1) value of each window, by a monotonic queue: linear in the events."""
    found = np.zeros(first.size, values.dtype)
    known = np.zeros(first.size, np.bool_)
    queue = np.empty(1024, np.int64)
    for entity in range(asked_offsets.size - 1):
        begin = asked_offsets[entity]
        end = asked_offsets[entity + 1]
        if begin == end:
            continue
        place = first[begin]
        longest = past[end - 1] - place
        if longest > queue.size:
            queue = np.empty(2 * longest, np.int64)
        head = 0
        tail = 0
        for row in range(begin, end):
            if place < first[row]:
                place = first[row]
                head = tail = 0
            while place < past[row]:
                if valid[place]:
                    value = values[place]
                    if sign > 0:
                        while tail > head and values[queue[tail - 1]] >= value:
                            tail -= 1
                    else:
                        while tail > head and values[queue[tail - 1]] <= value:
                            tail -= 1
                    queue[tail] = place
                    tail += 1
                place += 1
            while head < tail and queue[head] < first[row]:
                head += 1
            if head < tail:
                found[row] = values[queue[head]]
                known[row] = True
    return found, known


@njit(cache=True)
def gaps(codes: NDArray[np.int32], times: Ints, offsets: Ints, cardinality: int) -> tuple[Ints, Ints]:
    """How long before and after each event the next of the same entity and value is; `NEVER` where there is none.

    A negative code is a null: its gaps are 0, so that it parts nothing.
    """
    since = np.zeros(codes.size, np.int64)
    until = np.zeros(codes.size, np.int64)
    seen = np.full(cardinality, -1, np.int64)
    for entity in range(offsets.size - 1):
        begin = offsets[entity]
        for place in range(begin, offsets[entity + 1]):
            code = codes[place]
            if code >= 0:
                before = seen[code]
                since[place] = NEVER
                until[place] = NEVER
                if before >= begin:
                    since[place] = until[before] = times[place] - times[before]
                seen[code] = place
    return since, until


@njit(cache=True)
def distinct(
    since: Ints, until: Ints, offsets: Ints, asked_offsets: Ints, first: Ints, past: Ints, length: int
) -> Ints:
    """How many distinct values each window holds; `length` is how long an event stays, less than `NEVER`.

    The stays of equal values merge into runs, which a gap longer than a stay parts: a window's count is the runs begun
    less the runs ended, so the cost is one pass whatever the cardinality.
    """
    found = np.zeros(first.size, np.int64)
    begun = np.empty(1025, np.int64)
    ended = np.empty(1025, np.int64)
    for entity in range(offsets.size - 1):
        if asked_offsets[entity] == asked_offsets[entity + 1]:
            continue
        base = offsets[entity]
        size = offsets[entity + 1] - base
        if size + 1 > begun.size:
            begun = np.empty(2 * size + 1, np.int64)
            ended = np.empty(2 * size + 1, np.int64)
        starts = ends = 0
        for index in range(size):
            begun[index] = starts
            ended[index] = ends
            starts += since[base + index] > length
            ends += until[base + index] > length
        begun[size] = starts
        ended[size] = ends
        for row in range(asked_offsets[entity], asked_offsets[entity + 1]):
            found[row] = begun[past[row] - base] - ended[first[row] - base]
    return found


@njit(cache=True)
def newest(values: Values, valid: Flags, times: Ints, offsets: Ints) -> Ints:
    """Per place, the event before it that LAST would name: newest time, then greatest value; -1 for none.

    Only meaningful at places where a window may end: between events of different times, or at an entity's end.
    """
    found = np.full(valid.size + 1, -1, np.int64)
    for entity in range(offsets.size - 1):
        best = -1
        for place in range(offsets[entity], offsets[entity + 1]):
            if valid[place] and (best < 0 or times[best] < times[place] or values[best] < values[place]):
                best = place
            # The same slot also stands before the next entity's first event, where no window of this one ends.
            found[place + 1] = best
    return found


@njit(cache=True)
def oldest(values: Values, valid: Flags, times: Ints, offsets: Ints) -> Ints:
    """Per place, the event from it on that FIRST would name: oldest time, then least value; -1 for none."""
    found = np.full(valid.size + 1, -1, np.int64)
    for entity in range(offsets.size - 1):
        best = -1
        for place in range(offsets[entity + 1] - 1, offsets[entity] - 1, -1):
            if valid[place] and (best < 0 or times[place] < times[best] or values[place] < values[best]):
                best = place
            found[place] = best
    return found


@njit(cache=True)
def pick_newest(values: Values, found: Ints, first: Ints, past: Ints) -> tuple[Values, Flags]:
    """The value that `newest` names at each window's end, null when it stands before the window."""
    picked = np.zeros(first.size, values.dtype)
    known = np.zeros(first.size, np.bool_)
    for row in range(first.size):
        if past[row] > first[row]:
            place = found[past[row]]
            if place >= first[row]:
                picked[row] = values[place]
                known[row] = True
    return picked, known


@njit(cache=True)
def pick_oldest(values: Values, found: Ints, first: Ints, past: Ints) -> tuple[Values, Flags]:
    """The value that `oldest` names at each window's start, null when it stands behind the window."""
    picked = np.zeros(first.size, values.dtype)
    known = np.zeros(first.size, np.bool_)
    for row in range(first.size):
        if past[row] > first[row]:
            place = found[first[row]]
            if 0 <= place < past[row]:
                picked[row] = values[place]
                known[row] = True
    return picked, known
