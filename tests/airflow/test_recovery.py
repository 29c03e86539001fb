"""SIGKILL of whatever takes part in a refresh, in the midst of it; nobody lends a hand afterwards."""

from __future__ import annotations

import datetime
import os
import signal
import sys
from collections.abc import Iterator

import pytest
from tests.airflow.processes import dbt_of, stage_of, with_ancestors
from tests.airflow.repository import batch
from tests.airflow.server import Airflow

from fpc.contract.registry_json import load
from fpc.runtime.online import read
from fpc.runtime.online.target import open_store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")

DAG = "till_takings"
CLOCK_US = int(datetime.datetime(2013, 12, 31, tzinfo=datetime.UTC).timestamp()) * 1_000_000


@pytest.fixture
def takings(airflow: Airflow) -> Iterator[float]:
    """A new batch, and what a till has taken by it."""
    airflow.until(lambda: all(run["state"] != "running" for run in airflow.runs(DAG)) or None, "no run is left")
    amount = float(os.getpid() % 1000 + datetime.datetime.now().microsecond)
    batch(airflow.repository, f"(1, '2013-12-30T10:00:00Z', {amount})")
    yield amount


def served(airflow: Airflow) -> object:
    store = open_store("embedded", airflow.repository)
    try:
        return read(store, load(airflow.repository), "tills", {"till": 1}, CLOCK_US).features[0].value
    finally:
        store.close()


def recovered(airflow: Airflow, run: str, task: str, amount: float) -> None:
    """The run succeeds by further tries of the task alone, and what is served is the new batch."""
    ended = airflow.ended(DAG, run)
    found = airflow.task(DAG, run, task)
    assert ended["state"] == "success", airflow.words()
    assert found["try_number"] > 1
    assert served(airflow) == amount


def test_dbt_killed_in_the_midst_of_a_build(airflow: Airflow, takings: float) -> None:
    run = airflow.trigger(DAG)
    airflow.until(lambda: dbt_of(airflow.repository), "dbt runs").kill()
    recovered(airflow, run, "build", takings)


@pytest.mark.parametrize("stage", ["build", "publish"])
def test_worker_killed_in_the_midst_of_a_task(airflow: Airflow, takings: float, stage: str) -> None:
    """The task's process and its supervisor; the fpc that they started goes on alone."""
    run = airflow.trigger(DAG)
    process = airflow.until(lambda: stage_of(airflow.repository, stage), f"the stage {stage} runs")
    # fpc, and above it the task's process and the worker that watches it, below the scheduler.
    task, worker, *_ = with_ancestors(process, airflow.component("scheduler"))
    worker.kill()
    task.kill()
    recovered(airflow, run, stage, takings)


def test_scheduler_killed_in_the_midst_of_a_build(airflow: Airflow, takings: float) -> None:
    """With all that it started: as when the machine of the scheduler goes. The launcher starts it again."""
    run = airflow.trigger(DAG)
    airflow.until(lambda: dbt_of(airflow.repository), "dbt runs")
    before = airflow.component("scheduler")
    os.killpg(before, signal.SIGKILL)
    airflow.until(lambda: airflow.component("scheduler") != before or None, "the scheduler is started again")
    recovered(airflow, run, "build", takings)
