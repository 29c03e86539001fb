"""Made-up views backfilled: the history gives what refreshes and the oracle give, however its range was cut."""

from __future__ import annotations

import random

from hypothesis import given, seed, settings
from tests.differential.backfills import Backfill, check_history, check_least, digest, parts, span
from tests.differential.case import Case
from tests.differential.engine import Engine, Repository
from tests.differential.strategies import cases
from tests.differential.test_engine_equals_oracle import QUIET


def test_histories_equal_the_oracle_and_do_not_depend_on_their_chunks(
    engine: Engine, online_shard: tuple[int, int]
) -> None:
    number, size = online_shard
    compared = 0

    @seed(number)
    @settings(QUIET, max_examples=max(1, size // 6))
    @given(cases())
    def check(case: Case) -> None:
        nonlocal compared
        with Repository(case) as repository:
            whole = span(case)
            at_once = Backfill(repository, "once.duckdb").fill([whole])
            points = [point for point in case.grid_points(12) if whole.start_us <= point < whole.end_us]
            first = next(point for point in case.grid if point >= whole.start_us)
            compared += check_history(engine, repository, whole, at_once, [first, *points])
            check_least(case, at_once, first)
            cut = parts(whole, random.Random(case.variant))
            in_parts = Backfill(repository, "parts.duckdb").fill(cut)
            assert digest(in_parts) == digest(at_once), (
                f"{cut}\n{at_once.to_pylist()}\n{in_parts.to_pylist()}\n{case!r}"
            )

    check()
    assert compared > 0
    print(f"seed {number}: {size} cases, {compared} cells")
