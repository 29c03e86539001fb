"""The properties run on the differential tests' cases, through the same engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.differential.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.connection.close()
