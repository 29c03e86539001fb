"""Fixtures that several suites share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Server, debian_redis, running


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
        pytest.skip("no redis-server on this machine (apt-get install redis-server)")
    with running(binary=binary) as server:
        yield server


@pytest.fixture
def redis_server(valkey_server: Server) -> Server:
    """The session's Valkey server, emptied."""
    valkey_server.client().flushall()
    return valkey_server
