"""Made-up specs, events and spines: the training set in both modes and the refresh give what the oracle gives.

`pytest tests/differential --cases 20000` tries more cases; `--first-seed 40` tries others.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.differential.case import Case
from tests.differential.check import check_carried, check_snapshots, check_training
from tests.differential.engine import Engine, Repository
from tests.differential.strategies import cases

QUIET = settings(
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture),
    print_blob=False,
)


def test_training_sets_and_refreshes_equal_the_oracle(engine: Engine, shard: tuple[int, int]) -> None:
    number, size = shard
    compared = 0

    @seed(number)
    @settings(QUIET, max_examples=size)
    @given(cases())
    def check(case: Case) -> None:
        nonlocal compared
        with Repository(case) as repository:
            compared += check_training(engine, repository)
            compared += check_snapshots(engine, repository)
            if case.variant % 4 == 0:
                compared += check_carried(engine, repository)

    check()
    assert compared > 0
    print(f"seed {number}: {size} cases, {compared} cells")
