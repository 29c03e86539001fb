"""What the differential tests share: one engine a process, and a number of cases in shards that xdist spreads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.differential.engine import Engine

#: Each shard is one test, seeded with its own number, so that a failure is repeated by running that shard again.
SHARDS = 40


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.connection.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`shard` is (seed, cases): together all shards have the number of cases that `--cases` says."""
    if "shard" in metafunc.fixturenames:
        cases = metafunc.config.getoption("cases")
        first = metafunc.config.getoption("first_seed")
        shards = [(first + place, (cases + place) // SHARDS) for place in range(SHARDS)]
        named = [(seed, size) for seed, size in shards if size]
        metafunc.parametrize("shard", named, ids=[f"seed{seed}" for seed, _ in named])
