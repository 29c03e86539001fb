"""`fpc prune`: what the online store still holds of views that the specs no longer have."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest, warn
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.runtime.publish import PruneOutcome, left_behind, prune


@click.command("prune", short_help="Remove views from the online store that the specs no longer have.")
@click.argument("views", metavar="[VIEW...]", nargs=-1)
@click.option("--yes", is_flag=True, help="Remove them; otherwise they are only shown.")
@options.target
@options.repository
def command(views: tuple[str, ...], yes: bool, target: str | None, root: Path) -> int:
    """Show what the online store holds of views that the specs no longer have, and with --yes remove it.

    Only what was published under this repository's name is looked at, and of that only views that are not compiled.
    A view that somebody publishes at this moment, from a checkout that still has it, is left alone: exit code 1.
    """
    registry = read_registry(root)
    present = sorted(set(views) & set(registry.views))
    if present:
        raise wrong_usage(f"view `{present[0]}` is in the specs", help="remove it there, then `fpc compile`")
    store = store_of(root, chosen_target(registry, target))
    try:
        found = [left for left in left_behind(store, registry) if not views or left.view in views]
        reports = [prune(store, registry, left.view) for left in found] if yes else []
    finally:
        store.close()
    if not found:
        say("the online store holds no view that the specs do not have")
        suggest("fpc status", "shows what is served")
        return ExitCode.DONE
    if not yes:
        put(table(("view", "rows"), [(left.view, f"{left.rows:,}") for left in found]))
        say(f"{plural(len(found), 'view')} would be removed from {store.address}, and nothing was yet")
        suggest(f"fpc prune {' '.join([*views, '--yes'])}", "removes them")
        return ExitCode.DONE
    put(table(("view", "outcome", "rows"), [(done.view, done.outcome.value, f"{done.rows:,}") for done in reports]))
    kept = [done for done in reports if done.outcome is not PruneOutcome.REMOVED]
    for done in kept:
        warn(f"view `{done.view}` was left: it is {done.outcome.value}")
    suggest("fpc status", "shows what is served")
    return ExitCode.USER_FAULT if kept else ExitCode.DONE
