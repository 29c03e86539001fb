"""SIGKILL of whatever takes part in a refresh, in the midst of it; nobody lends a hand afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from tests.airflow.conftest import FPC
from tests.airflow.online import takings
from tests.airflow.processes import Process, dbt_of, is_alive, stages_of, with_ancestors
from tests.airflow.repository import batch
from tests.airflow.server import Airflow

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")

DAG = "till_takings"
COMPONENTS = ("api-server", "dag-processor", "scheduler")
STAGES = {"source_is_fresh": "source", "build": "build", "gate": "gate", "publish": "publish", "record": "record"}
#: So long fpc is let live before it is killed: the shortest stage takes a second.
SECONDS_TO_START = 0.4


@pytest.fixture
def amount(airflow: Airflow) -> Iterator[float]:
    """What the first till has taken by a new batch."""
    airflow.ended(DAG, kind="scheduled")
    airflow.until(lambda: all(run["state"] != "running" for run in airflow.runs(DAG)) or None, "no run is left")
    amount = float(os.getpid() % 1000 + datetime.now().microsecond)
    batch(airflow.repository, f"(1, '2013-12-30T10:00:00Z', {amount})")
    yield amount


def test_whatever_is_killed_in_every_task_the_run_comes_through(airflow: Airflow, amount: float) -> None:
    """One run; in each of its tasks, one try after the other, all that can die of it is killed.

    What the killed has started goes on alone, and the next try has to bear with it.
    """
    run = airflow.trigger(DAG)
    for task, stage in STAGES.items():
        for kill in (kill_program, kill_dbt, kill_worker, kill_scheduler) if task == "build" else KILLS:
            program = in_the_midst(airflow, stage)
            tries = tries_of(airflow, run, task)
            kill(airflow, program)
            tried_again(airflow, run, task, tries, kill.__name__)
    assert airflow.ended(DAG, run)["state"] == "success", airflow.words()
    assert takings(airflow)[0] == amount


def test_a_launcher_that_is_killed_leaves_nothing_in_the_way_of_the_next(airflow: Airflow) -> None:
    """The next one ends the components that went on alone, and starts others, at the same address and for the same
    login."""
    before = {name: airflow.component(name) for name in COMPONENTS}
    airflow.launch.process.kill()
    airflow.launch.process.communicate()
    # Its tasks have started the online store, which the next one would take for somebody else's.
    subprocess.run([str(FPC), "redis", "stop", "--repo", str(airflow.repository)], check=True, capture_output=True)
    airflow.launch.start()
    assert airflow.launch.login() == airflow.login
    assert all(airflow.component(name) != before[name] for name in COMPONENTS)
    assert not any(is_alive(process) for process in before.values())


def tried_again(airflow: Airflow, run: str, task: str, tries: int, why: str) -> None:
    """Wait until the task has had more tries than these."""
    airflow.until(lambda: tries_of(airflow, run, task) > tries or None, f"{task} is tried again after {why}")


def tries_of(airflow: Airflow, run: str, task: str) -> int:
    """The number of the task's present try."""
    return int(airflow.task(DAG, run, task)["try_number"])


def in_the_midst(airflow: Airflow, stage: str) -> Process:
    """The fpc of the stage's present try, once it is past its start. Those of killed tries have no scheduler above."""

    def look() -> Process | None:
        scheduler = airflow.component("scheduler")
        running = stages_of(airflow.repository, stage)
        return next((found for found in running if with_ancestors(found, scheduler)), None)

    process = airflow.until(look, f"the stage {stage} runs")
    time.sleep(SECONDS_TO_START)
    return process


def kill_program(airflow: Airflow, program: Process) -> None:
    """The fpc of the task; the dbt that it started goes on."""
    if "build" in program.arguments:
        airflow.until(lambda: dbt_of(airflow.repository), "dbt runs")
    program.kill()


def kill_dbt(airflow: Airflow, program: Process) -> None:
    """The dbt of the task, once that of a killed try has ended, for which it waits."""
    airflow.until(lambda: dbt_of(airflow.repository, below=program), "dbt runs").kill()


def kill_worker(airflow: Airflow, program: Process) -> None:
    """The task's process, and the worker that watches it; fpc goes on."""
    child, worker, *_ = with_ancestors(program, airflow.component("scheduler"))
    worker.kill()
    child.kill()


def kill_scheduler(airflow: Airflow, _: Process) -> None:
    """The scheduler with its workers, as when its machine goes; the launcher starts it again. fpc goes on."""
    os.killpg(airflow.component("scheduler"), signal.SIGKILL)


KILLS = (kill_program, kill_worker, kill_scheduler)
