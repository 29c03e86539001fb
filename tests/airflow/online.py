"""What the online store of a repository under Airflow answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from tests.airflow.server import Airflow

from fpc.contract.registry_json import load
from fpc.runtime.online import read
from fpc.runtime.online.target import open_store

#: Where the clock of the repository's target stands.
CLOCK: Final = datetime(2013, 12, 31, tzinfo=UTC)


def served(airflow: Airflow, service: str, keys: Mapping[str, object]) -> dict[str, object]:
    """The features of an entity, as a reader gets them."""
    store = open_store("embedded", airflow.repository)
    try:
        answer = read(store, load(airflow.repository), service, dict(keys), int(CLOCK.timestamp()) * 1_000_000)
        return {feature.name: feature.value for feature in answer.features}
    finally:
        store.close()


def takings(airflow: Airflow) -> list[object]:
    """What the tills have taken, the first and the second."""
    return [served(airflow, "tills", {"till": till})["takings_7d"] for till in (1, 2)]
