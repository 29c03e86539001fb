"""The same dbt project with one task per model: the example of the documentation, run by the real Airflow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.airflow.launch import ROOT
from tests.airflow.server import Airflow

EXAMPLE = ROOT / "docs" / "airflow" / "cosmos"
DAG = "one_task_per_model"


@pytest.fixture
def copied(airflow: Airflow) -> Path:
    """The example as its first lines say to use it: copied, with the constants of this repository."""
    # It reads dbt's manifest, which any run leaves.
    airflow.ended("till_takings", kind="scheduled")
    dags = airflow.repository / "dags"
    text = (EXAMPLE / "one_task_per_model.py").read_text()
    text = text.replace('"fpc_examples"', '"airfield"').replace("+carrier_departures", "+till_takings")
    text = text.replace('os.environ.get("FPC_DBT")', repr(str(Path(sys.executable).parent / "dbt")))
    (dags / "profiles.yml").write_text((EXAMPLE / "profiles.yml").read_text().replace("fpc_examples", "airfield"))
    (dags / "one_task_per_model.py").write_text(text)
    return dags


def test_the_example_builds_and_tests_a_view_model_by_model(airflow: Airflow, copied: Path) -> None:
    airflow.until(lambda: airflow.runs(DAG) or None, "the DAG is read and begins its run")
    try:
        run = airflow.ended(DAG, kind="scheduled")
        assert airflow.get("importErrors")["import_errors"] == []
    finally:
        airflow.patch(f"dags/{DAG}", {"is_paused": True})
        (copied / "one_task_per_model.py").unlink()
    assert run["state"] == "success", airflow.words()
    name = run["dag_run_id"]
    tasks = [task["task_id"] for task in airflow.get(f"dags/{DAG}/dagRuns/{name}/taskInstances")["task_instances"]]
    assert {task for task in tasks if task.endswith("run")} >= {"stg_tills.run", "till_takings_v1.run"}
    assert "till_takings_v1.test" in tasks
    assert {airflow.task(DAG, name, task)["pool"] for task in tasks} == {"airfield_warehouse"}
    log = airflow.log(DAG, name, "till_takings_v1.run", 1)
    assert "OK created sql" in log
