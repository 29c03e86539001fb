"""`fpc why`: the events that made one value, those that did not, and what is served in its place."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.instants import Instant, shown
from fpc.cli.names import unknown
from fpc.cli.pairs import pairs
from fpc.cli.registry import known_target
from fpc.cli.report import errors_of, refuse
from fpc.cli.why_report import Asked, why_json, why_text
from fpc.cli.why_served import Served, served_value
from fpc.contract.registry import GridContract
from fpc.model import Model
from fpc.model.nodes import FeatureView, Mode
from fpc.pipeline import check_repository
from fpc.runtime.grid import instant_of, latest_point
from fpc.runtime.warehouse import DEFAULT_DATABASE
from fpc.why import why


@click.command("why", short_help="Show the events that made a value, and those that did not.")
@click.argument("feature", metavar="VIEW.FEATURE")
@click.argument("keys", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--at", "at_us", type=Instant(), help="The instant; by default the target's clock.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in (Mode.EXACT, Mode.AS_SERVED)]),
    default=Mode.EXACT.value,
    show_default=True,
    help="The value at the instant itself, or what the online store would have answered then.",
)
@click.option(
    "--limit",
    type=click.IntRange(0, 10_000),
    default=5,
    show_default=True,
    help="List at most so many events of each rule; all are counted.",
)
@click.option("--offline", is_flag=True, help="Leave the online store alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@options.target
@options.repository
def command(
    feature: str,
    keys: tuple[str, ...],
    at_us: int | None,
    mode: str,
    limit: int,
    offline: bool,
    as_json: bool,
    target: str | None,
    root: Path,
) -> int:
    """Show why a feature of one entity has its value at an instant: each event, and the rule by which it counts or not.

    The value is computed now, from the source. Of each aggregate call all events of the entity are judged: counted, too
    early, too late, not yet known, a superseded version, left out by `where` or FILTER, or null. A derived feature is
    taken down to its inputs. The online value stands beside it.
    """
    checked = check_repository(root)
    refuse(errors_of(checked.diagnostics), root)
    view, name = _chosen(checked.value, feature)
    config = checked.value.config
    chosen = config.targets[known_target(config.targets, config.default_target, target)]
    now = instant_of(chosen.as_of) if chosen.as_of is not None else time.time_ns() // 1_000
    at = now if at_us is None else at_us
    as_of = at if Mode(mode) is Mode.EXACT else _served_instant(view, at)
    named = pairs(keys)
    warehouse = root / (chosen.database or DEFAULT_DATABASE)
    found = why(checked.value, root, view.name, name, named, as_of, warehouse=warehouse, limit=limit)
    online = Served("not asked") if offline else served_value(root, target, view.name, name, named, now)
    asked = Asked(found, named, at, Mode(mode), _expired(view, at, as_of), online)
    put(why_json(asked) if as_json else why_text(asked))
    say(f"as of {shown(as_of)}; every row of the entity in `{view.source.name}` was judged")
    suggest(f"fpc prove {feature}", "proves that nothing of later reaches it")
    return ExitCode.DONE


def _chosen(model: Model, feature: str) -> tuple[FeatureView, str]:
    """The view and the name of one of its outputs; exit code 2 for anything else."""
    view_name, dot, name = feature.partition(".")
    if not dot:
        raise wrong_usage(f"`{feature}` names no feature", help="write VIEW.FEATURE")
    view = model.views.get(view_name)
    if view is None:
        raise unknown("feature view", view_name, model.views)
    outputs = [output.name for output in view.outputs]
    if name not in outputs:
        raise unknown(f"feature of `{view_name}`", name, outputs)
    return view, name


def _served_instant(view: FeatureView, at_us: int) -> int:
    """The grid point whose values are served at an instant."""
    every = None if view.grid.every is None else view.grid.every.microseconds
    return latest_point(GridContract(every, view.grid.cron), at_us - view.delay.microseconds)


def _expired(view: FeatureView, at_us: int, as_of_us: int) -> bool:
    return view.online_ttl is not None and at_us - as_of_us > view.online_ttl.microseconds
