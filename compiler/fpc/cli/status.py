"""`fpc status`: what is served, how fresh it is, who owns it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest, warn
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.instants import ago, shown
from fpc.cli.left_behind import tell_left_behind
from fpc.cli.past_refreshes import past_refreshes, refreshes_table, why
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.contract.registry import Registry, TargetContract
from fpc.diagnostics.printable_json import printable_json
from fpc.runtime.grid import instant_of
from fpc.runtime.online import ViewStatus
from fpc.runtime.online import status as online_status
from fpc.runtime.refresh.record import Refresh


@click.command("status", short_help="Show what is served, how fresh it is and who owns it.")
@click.argument("view", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@options.target
@options.repository
def command(view: str | None, as_json: bool, target: str | None, root: Path) -> int:
    """Show, for each feature view, up to when what is served is complete, how old that is, and who owns it.

    With VIEW, show what the last refreshes of that view did, as far as they ran in this checkout, newest first.

    Exit code 1 when something is in error: a view that is not published, or whose values have expired.
    """
    registry = read_registry(root)
    chosen = chosen_target(registry, target)
    if view is not None:
        return _past(root, registry, chosen, view, as_json)
    store = store_of(root, chosen)
    try:
        now_us = instant_of(chosen.as_of) if chosen.as_of else time.time_ns() // 1_000
        views = online_status(store, registry, now_us)
        tell_left_behind(root, registry, chosen, store)
    finally:
        store.close()
    last = {view.view: refreshes[0] for view in views if (refreshes := past_refreshes(root, chosen, view.view))}
    put(_json(views, registry, last) if as_json else _table(views, registry))
    for name, refresh in last.items():
        if why(refresh):
            warn(f"the last refresh of view `{name}` {refresh.outcome}, {shown(refresh.ended_us)}: {why(refresh)}")
    wrong = [view for view in views if view.watermark_us is None or view.is_expired]
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
    }


def _table(views: list[ViewStatus], registry: Registry) -> str:
    rows = [
        (
            view.view,
            view.problem or "ok",
            shown(view.watermark_us),
            "-" if view.staleness_us is None else ago(view.staleness_us),
            "-" if view.rows is None else f"{view.rows:,}",
            registry.views[view.view].owner,
        )
        for view in views
    ]
    return table(("view", "state", "complete up to", "age", "rows", "owner"), rows)


def _json(views: list[ViewStatus], registry: Registry, last: dict[str, Refresh]) -> str:
    return printable_json(
        {
            "views": [
                {
                    "view": view.view,
                    "owner": registry.views[view.view].owner,
                    "version": view.version,
                    "complete_up_to": None if view.watermark_us is None else shown(view.watermark_us),
                    "age_seconds": None if view.staleness_us is None else view.staleness_us / 1_000_000,
                    "rows": view.rows,
                    "expired": view.is_expired,
                    "current": view.is_current,
                    "held": view.is_held,
                    "problem": view.problem or None,
                    "last_refresh": _refresh_json(last[view.view]) if view.view in last else None,
                }
                for view in views
            ]
        }
    )
