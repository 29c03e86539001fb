"""`fpc rollback`: a view's previous definition is served again."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import say, suggest
from fpc.cli.instants import shown
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.runtime.publish import rollback


@click.command("rollback", short_help="Serve a view's previous definition again.")
@click.argument("view")
@click.option("--undo", is_flag=True, help="Serve the newer definition again.")
@options.target
@options.repository
def command(view: str, undo: bool, target: str | None, root: Path) -> None:
    """Switch the readers of a view to the definition before, at once.

    The one left is kept, and kept fresh, but is not served again until the view's spec changes or the rollback is
    undone.
    """
    registry = read_registry(root)
    store = store_of(root, chosen_target(registry, target))
    try:
        report = rollback(store, registry, view, undo=undo)
    finally:
        store.close()
    say(f"`{view}` is served by version {report.active}, complete up to {shown(report.watermark_us)}")
    say(f"version {report.left} is kept")
    if undo:
        suggest("fpc status", "shows what is served")
    else:
        suggest(f"fpc rollback {view} --undo", "serves the newer definition again")
