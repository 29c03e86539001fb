"""The operators behind the tasks of a view's refresh: one stage each, by `fpc run --stage`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    DownstreamTasksSkipped,
)

from fpc.runtime.airflow.dag_run import instant_of, is_backfill
from fpc.runtime.program.process import run_program
from fpc.runtime.program.settings import Settings, read_settings

#: The task that fills history; it hangs on the first stage, and runs where the others do not.
FILL_HISTORY: Final = "fill_history"
_BUILD: Final = "build"
#: The exit code by which `fpc` says that specs or data are at fault.
_USER_FAULT: Final = 1
_WAIT_SECONDS: Final = "300"


class StageError(AirflowException):
    """A stage did not come through; it is tried again."""


class ProgramOperator(BaseOperator):
    """Runs `fpc` for one view; what it says is the task's log."""

    template_fields: Sequence[str] = ()
    ui_color = "#e8f0fe"

    def __init__(self, *, view: str, **arguments: Any) -> None:
        """`view` is the feature view's name."""
        super().__init__(**arguments)
        self.view = view

    def run(self, *arguments: str) -> int:
        """The exit code of one of fpc's commands; raises `StageError` where there is no `fpc`."""
        settings = read_settings(self.dag.fileloc)
        command = settings.call(*arguments)
        self.log.info("%s", " ".join(command))
        try:
            return run_program(command, settings.repository, lambda line: self.log.info("%s", line))
        except OSError as error:
            raise _not_startable(settings, error) from error


class StageOperator(ProgramOperator):
    """Runs one stage of one view's refresh, as of the instant of its DAG run.

    Nothing is handed on through Airflow: each stage finds in the warehouse what the one before left for the same
    instant. So each can be repeated at any time, after a kill as well. In the runs of a backfill it is skipped: an old
    instant is never published.
    """

    def __init__(self, *, stage: str, **arguments: Any) -> None:
        """`stage` is one of `source`, `build`, `gate`, `publish`, `record`."""
        super().__init__(**arguments)
        self.stage = stage

    def execute(self, context: Context) -> None:
        """Run the stage to its end.

        A gate that failed is not tried again: the tables would not change by it.
        """
        if is_backfill(context):
            raise AirflowSkipException("a backfill fills history, and publishes nothing")
        code = self.run(*self.command(instant_of(context)))
        if code == _USER_FAULT and self.stage == "gate":
            raise AirflowFailException(
                f"view {self.view}: the gate is shut, and what was served stays served; "
                "mend the data, then clear `build`"
            )
        if code:
            raise StageError(f"view {self.view}: stage {self.stage} ended with exit code {code}; the log says why")

    def command(self, at: datetime) -> list[str]:
        """The stage's command, without what every command has."""
        command = ["run", "--no-compile", "--select", self.view, "--scheduled-at", at.isoformat()]
        command += ["--stage", self.stage, "--wait", _WAIT_SECONDS]
        return [*command, "--dbt-log"] if self.stage == _BUILD else command


class SourceOperator(StageOperator):
    """The first stage: it also sends the runs of a backfill to `fill_history`, and all others past it."""

    def execute(self, context: Context) -> None:
        """Look at the source, which a backfill takes as it is."""
        if is_backfill(context):
            self.log.info("a backfill: the history of this run's point is filled, and nothing is published")
            raise DownstreamTasksSkipped(tasks=[_BUILD])
        super().execute(context)
        if FILL_HISTORY in self.downstream_task_ids:
            raise DownstreamTasksSkipped(tasks=[FILL_HISTORY])


def _not_startable(settings: Settings, error: OSError) -> StageError:
    return StageError(
        f"`{settings.command}` cannot be started ({error.strerror}): set FPC_COMMAND to the fpc to be used"
    )
