"""`fpc preview`: a view's values at an instant, straight from its source."""

from __future__ import annotations

import time
from pathlib import Path

import click
import duckdb
from sqlglot import exp

from fpc.cli import local_engine, options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import user_fault, wrong_usage
from fpc.cli.instants import Instant, shown
from fpc.cli.names import chosen_views
from fpc.cli.registry import known_target
from fpc.cli.report import plural, refuse
from fpc.cli.table import table
from fpc.cli.value_text import value_text
from fpc.model.nodes import FeatureView, Target
from fpc.pipeline import check_repository
from fpc.runtime.grid import instant_of
from fpc.runtime.raw_rows import Place, attach_source, attach_warehouse, first_line
from fpc.runtime.warehouse import DEFAULT_DATABASE
from fpc.sql.training.program import training_source


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
    refuse([found for found in checked.diagnostics if found.severity.value == "error"], root)
    (chosen,) = chosen_views(checked.value, [view])
    config = checked.value.config
    environment = config.targets[known_target(config.targets, config.default_target, target)]
    at = _clock(environment) if at_us is None else at_us
    named = _pairs(keys, chosen)
    rows = _compute(chosen, at, named, limit, environment, root)
    put(_table(chosen, rows))
    say(f"{plural(len(rows), 'row')} of `{view}` at {shown(at)}")
    suggest("fpc run", "computes, tests and publishes")


def _clock(target: Target) -> int:
    return instant_of(target.as_of) if target.as_of is not None else time.time_ns() // 1_000


def _pairs(texts: tuple[str, ...], view: FeatureView) -> dict[str, str]:
    keys = [key.name for key in view.entity.keys]
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in keys or name in found:
            raise wrong_usage(f"`{text}` is not KEY=VALUE with a key of `{view.entity.name}`", help=", ".join(keys))
        found[name] = value
    return found


def _compute(
    view: FeatureView, at_us: int, keys: dict[str, str], limit: int, target: Target, root: Path
) -> list[local_engine.Row]:
    source = training_source(view.source)
    with local_engine.connect() as connection:
        place = Place(root, root / (target.database or DEFAULT_DATABASE))
        if source.table is not None:
            attach_warehouse(connection, place)
        attach_source(connection, source, place)
        try:
            local_engine.stage(connection, view, exp.to_table(source.relation))
            rows = local_engine.snapshot(connection, view, at_us, keys=keys, limit=limit)
            if not rows and len(keys) == len(view.entity.keys):
                say(f"no event of this entity is in any window at {shown(at_us)}: these are the values without events")
                return [{**keys, **local_engine.empty(connection, view, at_us)}]
            return rows
        except duckdb.Error as error:
            raise user_fault(
                f"`{view.name}` cannot be computed: {first_line(error)}",
                help="see that the data has the types that the source declares",
            ) from error


def _table(view: FeatureView, rows: list[local_engine.Row]) -> str:
    """Features down the page for one entity, a row each for several."""
    keys = [key.name for key in view.entity.keys]
    if len(rows) == 1:
        names = [*keys, *(output.name for output in view.outputs)]
        return table(("feature", "value"), [(name, value_text(rows[0][name])) for name in names])
    header = [*keys, *(output.name for output in view.outputs)]
    return table(header, [[value_text(row[name]) for name in header] for row in rows])
