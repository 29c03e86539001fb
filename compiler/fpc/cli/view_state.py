"""How a view stands: what is served of it, what its last refresh did, and whether it is where it should be by now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fpc.contract.registry import Registry, TargetContract, ViewContract
from fpc.runtime.grid import latest_point
from fpc.runtime.online import ViewStatus
from fpc.runtime.refresh.record import Refresh, read_record
from fpc.runtime.refresh.report import ViewOutcome


@dataclass(frozen=True, slots=True)
class ViewState:
    """One view: as served, as last refreshed in this checkout, and when it was last published from it.

    `problem` is empty where all is well; `is_wrong` tells a problem that somebody must look at from one to know of.
    """

    served: ViewStatus
    last: Refresh | None
    published_us: int | None
    problem: str
    is_wrong: bool


def view_states(
    root: Path, registry: Registry, target: TargetContract, served: list[ViewStatus], now_us: int
) -> list[ViewState]:
    """Each view's state at an instant, in the order given."""
    return [_state(root, registry.views[one.view], target, one, now_us) for one in served]


def _state(root: Path, view: ViewContract, target: TargetContract, served: ViewStatus, now_us: int) -> ViewState:
    record = read_record(root, target, view.name)
    last = None if record is None else record.last
    published = () if record is None else record.published
    published_us = max((refresh.ended_us for refresh in published), default=None)
    problem, is_wrong = served.problem, served.watermark_us is None or served.is_expired
    if not is_wrong:
        worse = _failure(served, last) or _lateness(view, served, now_us)
        problem, is_wrong = worse or problem, bool(worse)
    return ViewState(served, last, published_us, problem, is_wrong)


def _failure(served: ViewStatus, last: Refresh | None) -> str:
    """What became of a refresh that was to replace what is served, if it published nothing."""
    if last is None or served.watermark_us is None or last.as_of_us < served.watermark_us:
        return ""
    if last.outcome == ViewOutcome.GATED.value:
        return "the last refresh did not pass the gate"
    return "the last refresh failed" if last.outcome == ViewOutcome.FAILED.value else ""


def _lateness(view: ViewContract, served: ViewStatus, now_us: int) -> str:
    """Late is what lacks two refreshes: the one that is due may be under way."""
    assert served.watermark_us is not None
    due = latest_point(view.grid, now_us - view.delay_us)
    before = latest_point(view.grid, due - 1)
    return "late: two refreshes are due" if served.watermark_us < before else ""
