"""A view's plan in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from fpc.model.nodes import Closed, FeatureView, Grid
from fpc.plan.nodes import Derive, Visible, in_words, steps
from fpc.plan.pruning import partitions_in_words
from fpc.plan.versions import reads_everything
from fpc.plan.visibility import edges_of


def explain(plan: Derive) -> str:
    """What a refresh does, step by step: grain, boundary rule, each window, the schedule and what is read."""
    view = plan.snapshot.visible.view
    lines = [f"{view.name}: {view.description}".rstrip(": "), ""]
    lines += [f"{number}. {step.description}" for number, step in enumerate(steps(plan), start=1)]
    lines += ["", f"Boundary rule: {boundary_rule(view.closed)}", "", "Windows at instant t:"]
    lines += list(_windows(plan.snapshot.visible))
    lines += ["", f"Refresh: {schedule(view)}", f"Reads: {reads(plan.snapshot.visible)}"]
    return "\n".join(lines) + "\n"


def boundary_rule(closed: Closed) -> str:
    """The rule in words, for `explain` and the catalogue."""
    match closed:
        case Closed.LEFT:
            return "an event exactly at a window's start is in; one exactly at its end, or known exactly then, is out."
        case Closed.RIGHT:
            return "an event exactly at a window's start is out; one exactly at its end, or known exactly then, is in."
        case Closed.BOTH:
            return "events exactly at a window's start and end, and those known exactly at its end, are in."
        case _:
            assert_never(closed)


def schedule(view: FeatureView) -> str:
    """When values are computed and from when on they are served."""
    served = f", served {view.delay} later" if view.delay.microseconds else ""
    expiry = f", for at most {view.online_ttl}" if view.online_ttl is not None else ""
    return f"as of {_grid(view.grid)}{served}{expiry}."


def reads(visible: Visible) -> str:
    """The rows and partitions that one refresh reads."""
    if visible.hull.reach is None:
        return "all rows before t, because a window is a lifetime."
    rows = f"rows with {in_words(visible.hull, 'event_at')}"
    if reads_everything(visible.stage.source):
        return f"{rows}, out of all rows of the source, any of which may be a later version."
    partitions = partitions_in_words(visible)
    return f"{rows}; {partitions}." if partitions else f"{rows}."


def _windows(visible: Visible) -> Iterator[str]:
    for window in visible.windows:
        names = [feature.name for feature in visible.view.features if feature.window == window]
        title = "lifetime" if window.length is None else str(window.length)
        offset = f" offset {window.offset}" if window.offset.microseconds else ""
        edges = in_words(edges_of(window, visible.view.closed), "event_at")
        yield f"  {title}{offset}: {edges} ({', '.join(names)})"


def _grid(grid: Grid) -> str:
    if grid.cron is not None:
        return f"each time of the cron `{grid.cron}` (UTC)"
    return f"every whole multiple of {grid.every} since 1970-01-01T00:00Z"
