"""A view whose source is a model that somebody else's DAG makes; and a deadline that was missed."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.airflow.conftest import LATE
from tests.airflow.server import Airflow


def test_a_model_that_is_made_elsewhere_runs_the_view_that_reads_it(airflow: Airflow) -> None:
    first = airflow.ended("till_tariff", kind="scheduled")
    assert first["state"] == "success", airflow.words()
    made = airflow.trigger("tariffs")
    assert airflow.ended("tariffs", made)["state"] == "success", airflow.words()
    run = airflow.ended("till_tariff", kind="asset_triggered")
    assert run["state"] == "success", airflow.words()
    log = airflow.log("till_tariff", run["dag_run_id"], "source_is_fresh", 1)
    assert "is made by the dbt model `tariffs`" in log


def test_a_missed_deadline_is_told(airflow: Airflow) -> None:
    """The run takes longer than it may; who is to be told is told once, while it still goes on or after."""
    run = airflow.trigger("slow", datetime.now(UTC).isoformat())
    path = airflow.home / LATE

    def told() -> str | None:
        return path.read_text() if path.exists() else None

    text = airflow.until(told, "the missed deadline is told", 120)
    assert text.startswith(f"slow_view view slow_view is late: run {run} was to have published it by ")
    assert text.count("slow_view is late") == 1
