"""`fpc status`: what is served, how fresh it is, who owns it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode
from fpc.cli.instants import ago, shown
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.contract.registry import Registry
from fpc.diagnostics.printable_json import printable_json
from fpc.runtime.grid import instant_of
from fpc.runtime.online import ViewStatus
from fpc.runtime.online import status as online_status


@click.command("status", short_help="Show what is served, how fresh it is and who owns it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@options.target
@options.repository
def command(as_json: bool, target: str | None, root: Path) -> int:
    """Show, for each feature view, up to when what is served is complete, how old that is, and who owns it.

    Exit code 1 when something is in error: a view that is not published, or whose values have expired.
    """
    registry = read_registry(root)
    chosen = chosen_target(registry, target)
    store = store_of(root, chosen)
    try:
        now_us = instant_of(chosen.as_of) if chosen.as_of else time.time_ns() // 1_000
        views = online_status(store, registry, now_us)
    finally:
        store.close()
    put(_json(views, registry) if as_json else _table(views, registry))
    wrong = [view for view in views if view.watermark_us is None or view.is_expired]
    say(f"{plural(len(views), 'feature view')} at {shown(now_us)}, {len(wrong)} in error")
    if wrong:
        suggest("fpc run", "computes and publishes")
        return ExitCode.USER_FAULT
    suggest("fpc get SERVICE KEY=VALUE", "reads one entity")
    return ExitCode.DONE


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


def _json(views: list[ViewStatus], registry: Registry) -> str:
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
                }
                for view in views
            ]
        }
    )
