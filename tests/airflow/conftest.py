"""One Airflow for all tests of this folder, with a small repository behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.airflow.repository import make
from tests.airflow.server import PYTHON, Airflow, running
from tests.missing import missing

FPC = Path(sys.executable).parent / "fpc"
#: What was told of views that are late, in Airflow's folder.
LATE = "late.txt"
#: What makes a death noticed within seconds, where the defaults take minutes.
QUICK = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "3",
    "FPC_RETRY_SECONDS": "3",
}


@pytest.fixture(scope="session")
def airflow_python() -> Path:
    """The Python of Airflow's environment; in CI it must be there."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        pytest.skip("these tests share one Airflow and follow each other: run them without -n, as `make test` does")
    if not PYTHON.exists():
        missing("run `make install-airflow`")
    return PYTHON


@pytest.fixture(scope="session")
def airflow(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """A running Airflow, whose DAGs are not paused."""
    repository = tmp_path_factory.mktemp("airfield")
    make(repository)
    home = tmp_path_factory.mktemp("home")
    tell = home / "tell"
    tell.write_text(f"#!/bin/sh\necho \"$@\" >> '{home / LATE}'\n")
    tell.chmod(0o755)
    settings = {**QUICK, "FPC_COMMAND": str(FPC), "FPC_LATE_COMMAND": str(tell)}
    try:
        with running(home, repository, settings) as started:
            yield started
    finally:
        subprocess.run([str(FPC), "redis", "stop", "--repo", str(repository)], check=False, capture_output=True)
