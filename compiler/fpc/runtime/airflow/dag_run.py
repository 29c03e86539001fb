"""What a DAG run says of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from airflow.sdk import Context

_BACKFILL: Final = "backfill"


def instant_of(context: Context) -> datetime:
    """The instant of a DAG run: its logical date, or when it was to run where it has none (as those of assets)."""
    run = context["dag_run"]
    at: datetime = run.logical_date or run.run_after
    return at


def is_backfill(context: Context) -> bool:
    """Whether the run was made, or run again, by a backfill of Airflow's."""
    return bool(context["dag_run"].run_type == _BACKFILL)
