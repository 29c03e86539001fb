"""SIGKILL of whatever takes part in a refresh, in the midst of it; nobody lends a hand afterwards."""

from __future__ import annotations

import datetime
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator

import pytest
from tests.airflow.processes import Process, dbt_of, stage_of, with_ancestors
from tests.airflow.repository import batch
from tests.airflow.server import Airflow

from fpc.contract.registry_json import load
from fpc.runtime.online import read
from fpc.runtime.online.target import open_store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")

DAG = "till_takings"
STAGES = {"source_is_fresh": "source", "build": "build", "gate": "gate", "publish": "publish", "record": "record"}
#: So long fpc is let live before it is killed: the shortest stage takes a second.
SECONDS_TO_START = 0.4
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


def recovered(airflow: Airflow, run: str, tasks: Iterable[str], amount: float) -> None:
    """The run succeeds by further tries of these tasks alone, and what is served is the new batch."""
    ended = airflow.ended(DAG, run)
    assert ended["state"] == "success", airflow.words()
    tries = {task: airflow.task(DAG, run, task)["try_number"] for task in STAGES}
    assert {task for task, number in tries.items() if number > 1} == set(tasks), tries
    assert served(airflow) == amount


def in_the_midst(airflow: Airflow, task: str, stage: str) -> Process:
    """The fpc of a task, once it is past its start."""
    process = airflow.until(lambda: stage_of(airflow.repository, stage), f"the task {task} runs")
    time.sleep(SECONDS_TO_START)
    return process


def tried_again(airflow: Airflow, run: str, task: str) -> None:
    """Wait for the second try, so that the process of the first is not taken for that of the next task."""
    airflow.until(lambda: airflow.task(DAG, run, task)["try_number"] > 1 or None, f"{task} is tried again")


def test_fpc_killed_in_the_midst_of_every_task(airflow: Airflow, takings: float) -> None:
    """One run, in which every task's program is killed in its first try; what that started goes on alone."""
    run = airflow.trigger(DAG)
    for task, stage in STAGES.items():
        process = in_the_midst(airflow, task, stage)
        if stage == "build":
            airflow.until(lambda: dbt_of(airflow.repository), "dbt runs")
        process.kill()
        if stage == "build":
            # The second try waits for the dbt of the first; then its own is killed.
            airflow.until(lambda: None if dbt_of(airflow.repository) else True, "the orphan of dbt ends")
            airflow.until(lambda: dbt_of(airflow.repository), "dbt runs").kill()
        tried_again(airflow, run, task)
    recovered(airflow, run, STAGES, takings)


def test_worker_killed_in_the_midst_of_every_task(airflow: Airflow, takings: float) -> None:
    """The task's process and its supervisor; the fpc that they started goes on alone."""
    run = airflow.trigger(DAG)
    for task, stage in STAGES.items():
        process = in_the_midst(airflow, task, stage)
        # fpc, and above it the task's process and the worker that watches it, below the scheduler.
        child, worker, *_ = with_ancestors(process, airflow.component("scheduler"))
        worker.kill()
        child.kill()
        tried_again(airflow, run, task)
    recovered(airflow, run, STAGES, takings)


def test_scheduler_killed_in_the_midst_of_a_build(airflow: Airflow, takings: float) -> None:
    """With all that it started: as when the machine of the scheduler goes. The launcher starts it again."""
    run = airflow.trigger(DAG)
    airflow.until(lambda: dbt_of(airflow.repository), "dbt runs")
    before = airflow.component("scheduler")
    os.killpg(before, signal.SIGKILL)
    airflow.until(lambda: airflow.component("scheduler") != before or None, "the scheduler is started again")
    recovered(airflow, run, ["build"], takings)
