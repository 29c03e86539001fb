"""Fixtures that several suites share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.missing import missing
from tests.servers import Server, debian_redis, running


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--cases 20000` makes the differential tests try so many cases."""
    parser.addoption("--cases", type=int, default=int(os.environ.get("FPC_CASES", "2000")), help="differential cases")
    parser.addoption("--first-seed", type=int, default=0, help="the seed of the first shard of differential cases")


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Server]:
    """One Valkey server for the whole session; tests keep to names of their own, or flush it."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def redis7_server() -> Iterator[Server]:
    """Debian's Redis 7.0."""
    binary = debian_redis()
    if binary is None:
        missing("no redis-server on this machine (apt-get install redis-server)")
    with running(binary=binary) as server:
        yield server


@pytest.fixture
def redis_server(valkey_server: Server) -> Server:
    """The session's Valkey server, emptied."""
    valkey_server.client().flushall()
    return valkey_server
