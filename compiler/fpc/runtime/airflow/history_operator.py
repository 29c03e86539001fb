"""The operator that fills history, in the runs of Airflow's own backfills."""

from __future__ import annotations

from typing import Final

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from fpc.runtime.airflow.dag_run import instant_of, is_backfill
from fpc.runtime.airflow.stage_operator import ProgramOperator, StageError

_REFUSED: Final = (1, 2)  # specs or data, or the command, are at fault: another try would say the same
_WAIT_SECONDS: Final = "600"


class HistoryOperator(ProgramOperator):
    """Fills the history of the point of the schedule that a backfill's run is of; skipped in every other run."""

    def execute(self, context: Context) -> None:
        """Fill the point, by `fpc backfill --at`; one that is filled already is left as it is."""
        if not is_backfill(context):
            raise AirflowSkipException("only the runs of a backfill fill history")
        at = instant_of(context).isoformat()
        code = self.run("backfill", self.view, "--at", at, "--wait", _WAIT_SECONDS)
        if code in _REFUSED:
            raise AirflowFailException(f"view {self.view}: its history as of {at} is not filled; the log says why")
        if code:
            raise StageError(f"view {self.view}: `fpc backfill` ended with exit code {code}; the log says why")
