"""One Airflow for all tests of this folder, with a small repository behind it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.airflow.launch import PYTHON, Launch, launched
from tests.airflow.online import takings
from tests.airflow.repository import BAD, BETTER, batch, make
from tests.airflow.server import Airflow
from tests.missing import missing

FPC = Path(sys.executable).parent / "fpc"
#: What was told of views that are late, in Airflow's folder.
LATE = "late.txt"
#: What makes a death, the end of a task and a new DAG noticed within seconds. A scheduler that gets no processor for
#: longer than the threshold takes itself for dead, and begins all its tasks anew.
QUICK = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "3",
    "FPC_RETRY_SECONDS": "0.2",
}


@pytest.fixture(scope="session")
def airflow_python() -> Path:
    """The Python of Airflow's environment; in CI it must be there."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        pytest.skip("these tests share one Airflow and follow each other: run them without -n, as `make test` does")
    if not PYTHON.exists():
        missing("run `make install-airflow`")
    return PYTHON


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need no server go first: meanwhile it starts, and runs the DAGs for the first time."""
    items.sort(key=_needs_airflow)


def _needs_airflow(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "airflow" in item.fixturenames


@pytest.fixture(scope="session", autouse=True)
def launching(
    request: pytest.FixtureRequest, airflow_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launch | None]:
    """Airflow, which starts as soon as it is known that a test needs it; `airflow` waits until it answers."""
    if not any(map(_needs_airflow, request.session.items)):
        yield None
        return
    repository = tmp_path_factory.mktemp("airfield")
    make(repository)
    home = tmp_path_factory.mktemp("home")
    tell = home / "tell"
    tell.write_text(f"#!/bin/sh\necho \"$@\" >> '{home / LATE}'\n")
    tell.chmod(0o755)
    with launched(home, repository, {**QUICK, "FPC_COMMAND": str(FPC), "FPC_LATE_COMMAND": str(tell)}) as launch:
        yield launch


@pytest.fixture(scope="session")
def airflow(launching: Launch) -> Airflow:
    """A running Airflow, whose DAGs are not paused."""
    return Airflow(launching, launching.login())


@dataclass(frozen=True, slots=True)
class Shut:
    """A run of `till_takings` whose gate was shut, and what the tills were served as having taken before it."""

    run: str
    before: list[object]


@pytest.fixture(scope="session")
def shut(airflow: Airflow) -> Shut:
    """A bad batch was refreshed; the next batch is good again."""
    airflow.ended("till_takings", kind="scheduled")
    before = takings(airflow)
    batch(airflow.repository, BAD)
    run = airflow.trigger("till_takings")
    assert airflow.ended("till_takings", run)["state"] == "failed", airflow.words()
    batch(airflow.repository, BETTER)
    return Shut(run, before)
