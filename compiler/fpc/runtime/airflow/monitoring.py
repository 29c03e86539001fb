"""The tasks of the monitoring DAG."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator, Context

from fpc.runtime.airflow.stage_operator import StageError
from fpc.runtime.program.process import run_program
from fpc.runtime.program.settings import METRICS, Settings, read_settings

_USER_FAULT = 1


class CheckOperator(BaseOperator):
    """Runs one of fpc's commands, and fails where it finds something wrong."""

    template_fields: Sequence[str] = ()

    def __init__(self, *, check: str, **arguments: Any) -> None:
        """`check` is the command's name."""
        super().__init__(**arguments)
        self.check = check

    def execute(self, context: Context) -> None:
        """Run the command; what it says is the task's log."""
        settings = read_settings(self.dag.fileloc)
        code = run_program(settings.call(self.check), settings.repository, lambda line: self.log.info("%s", line))
        if code:
            raise StageError(f"`fpc {self.check}` ended with exit code {code}; the log says what is wrong")


class MetricsOperator(BaseOperator):
    """Writes the state of all views where node_exporter's textfile collector finds it."""

    template_fields: Sequence[str] = ()

    def execute(self, context: Context) -> None:
        """Replace the file as a whole; views in error are in it like the others."""
        settings = read_settings(self.dag.fileloc)
        done = _status(settings)
        if done.returncode not in (0, _USER_FAULT):
            raise StageError(f"`fpc status` ended with exit code {done.returncode}: {done.stderr.strip()}")
        path = settings.repository / METRICS
        path.parent.mkdir(parents=True, exist_ok=True)
        # The collector reads every file of its folder that ends in .prom, at any time.
        half = Path(f"{path}.{os.getpid()}")
        half.write_text(done.stdout)
        half.replace(path)
        self.log.info("%s lines in %s", len(done.stdout.splitlines()), METRICS)


def write_metrics() -> MetricsOperator:
    """Writes `.fpc/metrics/fpc.prom`."""
    return MetricsOperator(task_id="write_metrics")


def views_are_served() -> CheckOperator:
    """Fails when `fpc status` finds a view in error."""
    return CheckOperator(task_id="views_are_served", check="status", retries=0)


def installation_is_sound(**arguments: Any) -> CheckOperator:
    """Fails when `fpc doctor` finds something broken. Opens the warehouse: `pool` is where it waits for it."""
    return CheckOperator(task_id="installation_is_sound", check="doctor", **arguments)


def _status(settings: Settings) -> subprocess.CompletedProcess[str]:
    command = settings.call("status", "--format", "prometheus")
    return subprocess.run(command, cwd=settings.repository, capture_output=True, text=True, check=False)
