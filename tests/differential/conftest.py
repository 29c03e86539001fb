"""What the differential tests share: one engine a process, and a number of cases in shards that xdist spreads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.differential.engine import Engine
from tests.servers import Server

from fpc.runtime.online import OnlineStore, connect

#: Each shard is one test, seeded with its own number, so that a failure is repeated by running that shard again.
SHARDS = 40


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.connection.close()


@pytest.fixture(scope="session")
def store(valkey_server: Server) -> Iterator[OnlineStore]:
    """The session's Valkey server, as fpc reaches it."""
    made = connect(valkey_server.url)
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A shard is (seed, cases): together all shards have the number of cases that `--cases` says, or a part of it."""
    cases, first = (int(str(metafunc.config.getoption(name))) for name in ("cases", "first_seed"))
    # A story with a store takes as long as several cases without one.
    for fixture, shards, total in (("shard", SHARDS, cases), ("online_shard", SHARDS // 4, cases // 10)):
        if fixture in metafunc.fixturenames:
            sized = [(first + place, (total + place) // shards) for place in range(shards)]
            named = [(seed, size) for seed, size in sized if size]
            metafunc.parametrize(fixture, named, ids=[f"seed{seed}" for seed, _ in named])
