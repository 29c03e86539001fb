"""`fpc preview`: a view's values at an instant, straight from its source."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.instants import Instant, shown
from fpc.cli.names import chosen_views
from fpc.cli.pairs import pairs
from fpc.cli.registry import known_target
from fpc.cli.report import errors_of, plural, refuse
from fpc.cli.table import table
from fpc.model.nodes import Target
from fpc.pipeline import check_repository
from fpc.preview import Preview, preview
from fpc.runtime.grid import instant_of
from fpc.runtime.warehouse import DEFAULT_DATABASE


@click.command("preview", short_help="Show a view's values at an instant.")
@click.argument("view")
@click.argument("keys", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("--at", "at_us", type=Instant(), help="The instant; by default the target's clock.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10, show_default=True, help="At most so many rows.")
@options.target
@options.repository
def command(view: str, keys: tuple[str, ...], at_us: int | None, limit: int, target: str | None, root: Path) -> None:
    """Show a view's values at exactly an instant, computed now from its source: of one entity, or of a few.

    Nothing is written, and neither the warehouse's tables nor the online store are asked.
    """
    checked = check_repository(root)
    refuse(errors_of(checked.diagnostics), root)
    (chosen,) = chosen_views(checked.value, [view])
    config = checked.value.config
    environment = config.targets[known_target(config.targets, config.default_target, target)]
    at = _clock(environment) if at_us is None else at_us
    warehouse = root / (environment.database or DEFAULT_DATABASE)
    made = preview(checked.value, root, chosen.name, at, pairs(keys), warehouse=warehouse, limit=limit)
    if not made.found and made.rows:
        say(f"no event of this entity is in any window at {shown(at)}: these are the values without events")
    put(_table(made))
    say(f"{plural(len(made.rows), 'row')} of `{view}` at {shown(at)}")
    if chosen.examples:
        suggest("fpc compile", "writes the dbt project and the registry")
    else:
        suggest(f"fpc example {view} --from-data", "writes an example of it that fails when its logic is changed")


def _clock(target: Target) -> int:
    return instant_of(target.as_of) if target.as_of is not None else time.time_ns() // 1_000


def _table(made: Preview) -> str:
    """Features down the page for one entity, a row each for several."""
    rows = [["null" if value is None else value for value in row] for row in made.rows]
    if len(rows) == 1:
        return table(("feature", "value"), list(zip(made.columns, rows[0], strict=True)))
    return table(made.columns, rows)
