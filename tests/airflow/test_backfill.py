"""Airflow's own backfills: they fill history beside the schedule, and neither spoils the other."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import duckdb
from demo.airflow_settings import environment
from tests.airflow.conftest import FPC
from tests.airflow.launch import PYTHON
from tests.airflow.online import takings
from tests.airflow.repository import batch, make
from tests.airflow.server import Airflow

DAG = "till_takings"
STAGES = ("build", "gate", "publish", "record")
DAYS = ("2013-12-28", "2013-12-29", "2013-12-30")
ROWS = "(1, '2013-12-27T10:00:00Z', 7.0), (1, '2013-12-29T10:00:00Z', 5.0), (2, '2013-12-28T11:00:00Z', 3.0)"


def history(repository: Path) -> list[Any]:
    """Every row; waits for its turn, as the DAGs of others go on meanwhile."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with duckdb.connect(str(repository / ".fpc" / "warehouse.duckdb"), read_only=True) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                return connection.execute(f"SELECT * FROM {DAG}__history").fetchall()
        except duckdb.IOException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def create_backfill(airflow: Airflow, *arguments: str) -> None:
    """`airflow backfill create`, as one types it."""
    port = int(airflow.login.url.rpartition(":")[2])
    variables = environment(airflow.home, airflow.repository, port)
    command = [str(PYTHON.parent / "airflow"), "backfill", "create", "--dag-id", DAG, "--max-active-runs", "2"]
    done = subprocess.run([*command, *arguments], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def backfilled(airflow: Airflow) -> list[dict[str, Any]]:
    """The runs of the days, once all have ended."""

    def look() -> list[dict[str, Any]] | None:
        runs = [run for run in airflow.runs(DAG) if run["run_type"] == "backfill"]
        ended = [run for run in runs if run["state"] in ("success", "failed")]
        return runs if len(ended) == len(DAYS) else None

    return airflow.until(look, "the runs of the backfill end")


def test_a_backfill_fills_history_while_the_schedule_runs(airflow: Airflow, tmp_path: Path) -> None:
    batch(airflow.repository, ROWS)
    create_backfill(airflow, "--from-date", DAYS[0], "--to-date", DAYS[-1])
    beside = airflow.trigger(DAG)
    assert airflow.ended(DAG, beside)["state"] == "success", airflow.words()
    runs = backfilled(airflow)
    assert {run["state"] for run in runs} == {"success"}, airflow.words()
    assert sorted(run["logical_date"][:10] for run in runs) == list(DAYS)
    for run in runs:
        states = {task: airflow.task(DAG, run["dag_run_id"], task)["state"] for task in STAGES}
        assert states == dict.fromkeys(STAGES, "skipped")
        filled = airflow.task(DAG, run["dag_run_id"], "fill_history")
        assert (filled["state"], filled["pool"]) == ("success", "default_pool")
    assert airflow.task(DAG, beside, "fill_history")["state"] == "skipped"
    # What is served is of the newest point, whatever was filled meanwhile.
    assert takings(airflow) == [12.0, 3.0]

    # History is what one run over the range makes of the same batch, elsewhere.
    alone = tmp_path / "alone"
    alone.mkdir()
    make(alone)
    batch(alone, ROWS)
    command = [str(FPC), "backfill", DAG, "--start", DAYS[0], "--end", "2013-12-31", "--repo", str(alone)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = history(airflow.repository)
    assert found == history(alone)
    assert len(set(found)) == len(found) > 2


def test_a_view_that_is_run_by_data_cannot_be_backfilled_and_airflow_says_so(airflow: Airflow) -> None:
    tasks = {task["task_id"] for task in airflow.get("dags/carrier_board/tasks")["tasks"]}
    assert "fill_history" not in tasks
    assert airflow.get("dags/carrier_board/details")["timetable_summary"].lower() == "asset"
