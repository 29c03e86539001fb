"""The tasks of a feature view's DAG."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from fpc.runtime.airflow.history_operator import HistoryOperator
from fpc.runtime.airflow.stage_operator import FILL_HISTORY, SourceOperator, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Asset

_RETRIES: Final = 4


def task_defaults(*, owner: str, timeout: timedelta, pool: str | None = None) -> dict[str, Any]:
    """The `default_args` of a view's DAG: four retries, each after twice as long as the one before, at most 10 minutes.

    `pool` is where tasks wait that open the warehouse. `FPC_RETRY_SECONDS` says how long the first retry waits.
    """
    defaults: dict[str, Any] = {
        "owner": owner,
        "retries": _RETRIES,
        # Tasks further on go first, so that a view is published before the next one is begun.
        "weight_rule": "upstream",
        "retry_delay": timedelta(seconds=float(os.environ.get("FPC_RETRY_SECONDS") or 30)),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timeout,
    }
    return defaults if pool is None else {**defaults, "pool": pool}


def source_is_fresh(view: str) -> SourceOperator:
    """Succeeds when what the view reads is there, and as new as promised; tried again for as long as it is not."""
    return SourceOperator(task_id="source_is_fresh", view=view, stage="source")


def fill_history(view: str) -> HistoryOperator:
    """Fills the view's history in the runs of a backfill, one at a time, and beside the schedule.

    It waits in no pool: it opens the warehouse for moments alone, and waits for it by itself.
    """
    return HistoryOperator(task_id=FILL_HISTORY, view=view, pool="default_pool", max_active_tis_per_dag=1)


def build(view: str) -> StageOperator:
    """Builds and tests the view's tables as of the run's instant, by `dbt build`."""
    return StageOperator(task_id="build", view=view, stage="build")


def gate(view: str) -> StageOperator:
    """Fails, for good, when a test found that the tables must not be published."""
    return StageOperator(task_id="gate", view=view, stage="gate")


def publish(view: str) -> StageOperator:
    """Brings what changed to the online store."""
    return StageOperator(task_id="publish", view=view, stage="publish")


def record(view: str, *, makes: Asset) -> StageOperator:
    """Writes down what the refresh did, and tells the DAGs that wait for the view."""
    return StageOperator(task_id="record", view=view, stage="record", outlets=[makes])
