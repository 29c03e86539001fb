"""Every sliding window of the kernel against a loop over the window's events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fpc.runtime.kernel import windows
from fpc.runtime.kernel.layout import FIRST_SLOT, MASK, TIME, Entities, lay_out_asked, lay_out_events, runs


@pytest.fixture(params=range(6))
def case(request: pytest.FixtureRequest) -> tuple[Any, ...]:
    random = np.random.default_rng(request.param)
    events, asked, entities = 400, 150, 9
    codes = random.integers(-1, entities, events).astype(np.int32)
    times = random.integers(0, 60, events)
    if request.param % 2:
        times.sort()
    asked_codes = random.integers(0, entities, asked).astype(np.int32)
    asked_times = random.integers(-5, 80, asked)
    values = random.integers(-20, 20, events)
    valid = random.random(events) < 0.8
    kinds = random.integers(-1, 4, events).astype(np.int32)
    table = pa.table({"key": codes + 100, "at": times, "mask": valid.astype(int), "value": values, "kind": kinds})
    table = table.cast(pa.schema([(name, pa.int64()) for name in table.column_names]))
    known = Entities(100, np.arange(entities, dtype=np.int32), entities)
    laid = lay_out_events(
        table.select(["key"]).to_batches(), table.to_batches(max_chunksize=90), known, 2, chunk_events=400
    )
    (rows,) = runs(laid)
    spine = lay_out_asked(asked_codes, asked_times, entities)
    return codes, times, values, valid, kinds, asked_codes, asked_times, rows, spine


@pytest.mark.parametrize(("enters", "leaves"), [(1, 11), (0, 10), (0, 11), (4, 5), (7, 20), (1, 10**9)])
def test_every_window_holds_what_a_loop_finds(case: tuple[Any, ...], enters: int, leaves: int) -> None:
    codes, times, values, valid, kinds, asked_codes, asked_times, rows, spine = case
    moments, v, kind = (rows.cells[i] for i in (TIME, FIRST_SLOT, FIRST_SLOT + 1))
    ok, kind = rows.cells[MASK] == 1, kind.astype(np.int32)
    past = windows.edges(moments, rows.offsets, spine.times, spine.offsets, enters)
    first = windows.edges(moments, rows.offsets, spine.times, spine.offsets, leaves)
    count = windows.differences(windows.running_count(ok), first, past)
    total = windows.differences(windows.running_total(v, ok), first, past)
    square = windows.differences(windows.running_square(v, ok), first, past)
    least = windows.extremes(v, ok, spine.offsets, first, past, 1)
    greatest = windows.extremes(v, ok, spine.offsets, first, past, -1)
    since, until = windows.gaps(kind, moments, rows.offsets, 4)
    kinds_seen = windows.distinct(since, until, rows.offsets, spine.offsets, first, past, leaves - enters)
    last = windows.pick_newest(v, windows.newest(v, ok, moments, rows.offsets), first, past)
    oldest = windows.pick_oldest(v, windows.oldest(v, ok, moments, rows.offsets), first, past)
    for place, row in enumerate(spine.order):
        t = asked_times[row]
        inside = [
            j for j in range(codes.size) if codes[j] == asked_codes[row] and times[j] + enters <= t < times[j] + leaves
        ]
        held = [values[j] for j in inside if valid[j]]
        timed = [(times[j], values[j]) for j in inside if valid[j]]
        assert past[place] - first[place] == len(inside)
        assert count[place] == len(held)
        assert total[place] == sum(held)
        assert square[place] == sum(x * x for x in held)
        assert kinds_seen[place] == len({kinds[j] for j in inside if kinds[j] >= 0})
        for (picked, known), expected in (
            (least, min(held, default=None)),
            (greatest, max(held, default=None)),
            (last, max(timed, default=(0, None))[1]),
            (oldest, min(timed, default=(0, None))[1]),
        ):
            assert known[place] == (expected is not None)
            assert expected is None or picked[place] == expected
