"""The operator behind every task: one stage of a view's refresh, by `fpc run --stage`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from fpc.runtime.program.process import run_program
from fpc.runtime.program.settings import Settings, read_settings

#: The exit code by which `fpc` says that specs or data are at fault.
_USER_FAULT: Final = 1
_WAIT_SECONDS: Final = "300"


class StageError(AirflowException):
    """A stage did not come through; it is tried again."""


class StageOperator(BaseOperator):
    """Runs one stage of one view's refresh, as of the instant of its DAG run.

    Nothing is handed on through Airflow: each stage finds in the warehouse what the one before left for the same
    instant. So each can be repeated at any time, after a kill as well.
    """

    template_fields: Sequence[str] = ()
    ui_color = "#e8f0fe"

    def __init__(self, *, view: str, stage: str, **arguments: Any) -> None:
        """`stage` is one of `source`, `build`, `gate`, `publish`, `record`."""
        super().__init__(**arguments)
        self.view = view
        self.stage = stage

    def execute(self, context: Context) -> None:
        """Run the stage to its end; what it says is the task's log.

        A gate that failed is not tried again: the tables would not change by it.
        """
        settings = read_settings(self.dag.fileloc)
        command = self.command(settings, instant_of(context))
        self.log.info("%s", " ".join(command))
        try:
            code = run_program(command, settings.repository, lambda line: self.log.info("%s", line))
        except OSError as error:
            raise StageError(
                f"`{settings.command}` cannot be started ({error.strerror}): set FPC_COMMAND to the fpc to be used"
            ) from error
        if code == _USER_FAULT and self.stage == "gate":
            raise AirflowFailException(
                f"view {self.view}: the gate is shut, and what was served stays served; "
                "mend the data, then clear `build`"
            )
        if code:
            raise StageError(f"view {self.view}: stage {self.stage} ended with exit code {code}; the log says why")

    def command(self, settings: Settings, at: datetime) -> list[str]:
        """The command line of the stage."""
        command = settings.call("run", "--no-compile")
        command += ["--select", self.view, "--scheduled-at", at.isoformat(), "--stage", self.stage]
        command += ["--wait", _WAIT_SECONDS]
        return [*command, "--dbt-log"] if self.stage == "build" else command


def instant_of(context: Context) -> datetime:
    """The instant of a DAG run: its logical date, or when it was to run where it has none (as those of assets)."""
    run = context["dag_run"]
    at: datetime = run.logical_date or run.run_after
    return at
