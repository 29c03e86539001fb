"""What a view's last refreshes did, for `fpc status VIEW`."""

from __future__ import annotations

from pathlib import Path

from fpc.cli.instants import shown
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.contract.registry import TargetContract
from fpc.runtime.refresh.record import Refresh, ViewRecord, read_record

_SHOWN = 20


def past_refreshes(root: Path, target: TargetContract, view: str) -> list[Refresh]:
    """The recorded refreshes of a view, newest first: the last one, however it ended, and the publications before."""
    record = read_record(root, target, view)
    return [] if record is None else _newest(record)


def refreshes_table(refreshes: list[Refresh]) -> str:
    """One line for each refresh."""
    rows = [
        (
            shown(refresh.started_us or None),
            shown(refresh.ended_us),
            shown(refresh.as_of_us),
            refresh.outcome,
            f"{refresh.rows:,}",
            f"{refresh.pushed:,}",
            f"{refresh.removed:,}",
            why(refresh),
        )
        for refresh in refreshes
    ]
    return table(("started", "ended", "as of", "outcome", "rows", "pushed", "removed", "why"), rows)


def why(refresh: Refresh) -> str:
    """Why a refresh published nothing, in one line; empty where it did."""
    if refresh.failed_tests:
        names = ", ".join(test.name for test in refresh.failed_tests)
        return f"{plural(len(refresh.failed_tests), 'test')} failed: {names}"
    return refresh.message.partition("\n")[0]


def _newest(record: ViewRecord) -> list[Refresh]:
    last = () if record.last in record.published else (record.last,)
    return [*last, *record.published][:_SHOWN]
