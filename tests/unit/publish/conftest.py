from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.servers import Server
from tests.unit.publish.world import World, open_warehouse

from fpc.runtime.online import connect


@pytest.fixture
def world(redis_server: Server) -> Iterator[World]:
    """An empty warehouse and an empty store."""
    with open_warehouse() as connection:
        yield World(connection, connect(redis_server.url))
