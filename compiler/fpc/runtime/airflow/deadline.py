"""The deadline of a view's runs: by when it must be published to be as fresh as its spec promises."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback

_LOG: Final = logging.getLogger(__name__)
_BACKFILL: Final = "backfill"
_SECONDS: Final = 60


def published_within(view: str, interval: timedelta) -> DeadlineAlert:
    """An alert for each run of the view that has not ended well so long after its logical date.

    Runs without one have no deadline. Counted from when they are queued they would have, but Airflow 3.3 then refuses
    to clear their tasks.
    """
    return DeadlineAlert(
        name="published in time",
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=interval,
        # By its path: Airflow's scheduler imports it when there is something to tell.
        callback=SyncCallback("fpc.runtime.airflow.deadline.tell_late", kwargs={"view": view}),
    )


def tell_late(view: str, context: Mapping[str, Any]) -> None:
    """Log that a view is late, and tell the program of `FPC_LATE_COMMAND`: its last two arguments are view and text.

    Runs of a backfill are late by nature, and not told of. A program that fails is logged, and fails the callback.
    """
    run = context["dag_run"]
    if run["run_type"] == _BACKFILL:
        return
    due = context["deadline"]["deadline_time"]
    text = f"view {view} is late: run {run['dag_run_id']} was to have published it by {due}"
    _LOG.error("%s", text)
    command = shlex.split(os.environ.get("FPC_LATE_COMMAND", ""))
    if command:
        subprocess.run([*command, view, text], check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
