"""`fpc status`: what is served, how fresh it is, who owns it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest, warn
from fpc.cli.deprecations import tell_deprecated, view_deprecation
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.instants import ago, shown
from fpc.cli.left_behind import tell_left_behind
from fpc.cli.metrics import prometheus_text
from fpc.cli.past_refreshes import past_refreshes, refreshes_table, why
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.cli.view_state import ViewState, view_states
from fpc.contract.registry import Registry, TargetContract
from fpc.diagnostics.printable_json import printable_json
from fpc.runtime.grid import instant_of
from fpc.runtime.online import status as online_status
from fpc.runtime.refresh.record import Refresh


@click.command("status", short_help="Show what is served, how fresh it is and who owns it.")
@click.argument("view", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table: --format json.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "prometheus"]),
    default="text",
    show_default=True,
    help="A table, one JSON object, or metrics for Prometheus' textfile collector.",
)
@options.target
@options.repository
def command(view: str | None, as_json: bool, output_format: str, target: str | None, root: Path) -> int:
    """Show, for each feature view, up to when what is served is complete, how old that is, and who owns it.

    With VIEW, show what the last refreshes of that view did, as far as they ran in this checkout, newest first.

    Exit code 1 when something is in error: a view that is not published, whose values have expired, whose last refresh
    failed or did not pass the gate, or that lacks two refreshes by its schedule.
    """
    output_format = "json" if as_json else output_format
    registry = read_registry(root)
    chosen = chosen_target(registry, target)
    if view is not None:
        return _past(root, registry, chosen, view, output_format == "json")
    store = store_of(root, chosen)
    try:
        now_us = instant_of(chosen.as_of) if chosen.as_of else time.time_ns() // 1_000
        views = online_status(store, registry, now_us)
        tell_left_behind(root, registry, chosen, store)
    finally:
        store.close()
    states = view_states(root, registry, chosen, views, now_us)
    match output_format:
        case "json":
            put(_json(states, registry))
        case "prometheus":
            put(prometheus_text(registry.name, chosen.name, states))
        case _:
            put(_table(states, registry))
    for state in states:
        _tell_last(state)
    tell_deprecated(registry, [view.view for view in views])
    wrong = [state for state in states if state.is_wrong]
    say(f"{plural(len(views), 'feature view')} at {shown(now_us)}, {len(wrong)} in error")
    if wrong:
        suggest("fpc run", "computes and publishes")
        return ExitCode.USER_FAULT
    suggest("fpc get SERVICE KEY=VALUE", "reads one entity")
    return ExitCode.DONE


def _past(root: Path, registry: Registry, target: TargetContract, view: str, as_json: bool) -> int:
    if view not in registry.views:
        raise wrong_usage(f"there is no view `{view}`", help="`fpc status` lists the views")
    refreshes = past_refreshes(root, target, view)
    if as_json:
        put(printable_json({"view": view, "refreshes": [_refresh_json(refresh) for refresh in refreshes]}))
    elif refreshes:
        put(refreshes_table(refreshes))
    if not refreshes:
        say(f"no refresh of view `{view}` is recorded in this checkout")
    suggest("fpc status", "shows what is served")
    return ExitCode.DONE


def _refresh_json(refresh: Refresh) -> dict[str, object]:
    return {
        "started": shown(refresh.started_us) if refresh.started_us else None,
        "ended": shown(refresh.ended_us),
        "as_of": shown(refresh.as_of_us),
        "outcome": refresh.outcome,
        "rows": refresh.rows,
        "pushed": refresh.pushed,
        "removed": refresh.removed,
        "why": why(refresh) or None,
        "page": refresh.page or None,
    }


def _tell_last(state: ViewState) -> None:
    """What the last refresh did, if it published nothing, and where to look."""
    last = state.last
    if last is None or not why(last):
        return
    warn(f"the last refresh of view `{state.served.view}` {last.outcome}, {shown(last.ended_us)}: {why(last)}")
    if last.page:
        say(f"  page: {last.page}")


def _table(states: list[ViewState], registry: Registry) -> str:
    rows = [
        (
            view.view,
            state.problem or "ok",
            shown(view.watermark_us),
            "-" if view.staleness_us is None else ago(view.staleness_us),
            "-" if view.rows is None else f"{view.rows:,}",
            registry.views[view.view].owner,
        )
        for state in states
        for view in [state.served]
    ]
    return table(("view", "state", "complete up to", "age", "rows", "owner"), rows)


def _json(states: list[ViewState], registry: Registry) -> str:
    return printable_json(
        {
            "views": [
                {
                    "view": view.view,
                    "owner": registry.views[view.view].owner,
                    "version": view.version,
                    "deprecated": view_deprecation(registry, view.view),
                    "complete_up_to": None if view.watermark_us is None else shown(view.watermark_us),
                    "age_seconds": None if view.staleness_us is None else view.staleness_us / 1_000_000,
                    "rows": view.rows,
                    "expired": view.is_expired,
                    "current": view.is_current,
                    "held": view.is_held,
                    "problem": state.problem or None,
                    "in_error": state.is_wrong,
                    "last_refresh": None if state.last is None else _refresh_json(state.last),
                    "last_published": None if state.published_us is None else shown(state.published_us),
                }
                for state in states
                for view in [state.served]
            ]
        }
    )
