"""`fpc backfill`: the history of views, chunk by chunk."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.backfill_report import estimate_json, estimate_table, report_json, report_table, tell_plan
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode, user_fault, wrong_usage
from fpc.cli.instants import Instant, shown
from fpc.cli.names import chosen_views
from fpc.cli.registry import known_target
from fpc.cli.report import errors_of, plural, refuse
from fpc.contract.backfill import BackfillProgram
from fpc.contract.registry import GridContract, TargetContract
from fpc.emit.dbt.names import dbt_models
from fpc.emit.registry import registry
from fpc.model import Model
from fpc.model.nodes import FeatureView
from fpc.pipeline import check_repository
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.job import Job
from fpc.runtime.backfill.points import Points
from fpc.runtime.backfill.run import fill, plan_backfill
from fpc.runtime.grid import instant_of
from fpc.runtime.scratch import Limits
from fpc.sql.history import lower_history
from fpc.types.duration import Duration


@click.command("backfill", short_help="Fill the history of views over a range of time.")
@click.argument("views", metavar="VIEW...", nargs=-1, required=True)
@click.option("--start", "start_us", type=Instant(), help="From this instant on; by default the view's `start`.")
@click.option("--end", "end_us", type=Instant(), help="Up to this instant, without it; by default the target's clock.")
@click.option(
    "--at", "at_us", type=Instant(), help="Instead of a range: the one point of the schedule that was current then."
)
@click.option(
    "--chunk",
    type=click.Choice([chunk.value for chunk in Chunk]),
    default=Chunk.MONTH.value,
    show_default=True,
    help="What is computed and kept in one go, by the calendar in UTC.",
)
@click.option("--every", metavar="DURATION", help="A coarser grid: the first point of the schedule in each such while.")
@click.option("--estimate", "--dry-run", "only_estimate", is_flag=True, help="Only say what it would take.")
@click.option("--full-refresh", is_flag=True, help="Make again what is there already.")
@click.option("--yes", "agreed", is_flag=True, help="Agree to a great cost, and to lose another definition's history.")
@options.memory_limit
@options.threads
@options.wait(600.0, "a refresh, or another backfill,")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the estimate and the result are printed.",
)
@options.target
@options.repository
def command(
    views: tuple[str, ...],
    start_us: int | None,
    end_us: int | None,
    at_us: int | None,
    chunk: str,
    every: str | None,
    only_estimate: bool,
    full_refresh: bool,
    agreed: bool,
    memory_limit: str | None,
    threads: int | None,
    wait_seconds: float,
    output_format: str,
    target: str | None,
    root: Path,
) -> int:
    """Fill the history of views: which row of an entity was served at each point of the schedule.

    The history of a view is the table VIEW__history in the warehouse: the columns of the view's own table, one row for
    each entity and grid point at which the entity's row changed, and why (`_change`). The row at any grid point is the
    newest up to it.

    The range is computed in chunks, each from the events that its windows reach, and each is kept as soon as it is
    made. Killed at any point, the same command does what is left. What is there already is skipped, unless the view's
    definition or the files behind it have changed. What is served is never touched.

    With --at one point is filled: the latest of the schedule up to the instant, and so all the time until the next one.
    Schedulers call it for each run that they make up for.
    """
    if at_us is not None and (start_us, end_us) != (None, None):
        raise wrong_usage("--at is one point, and --start and --end are a range", help="give one of the two")
    checked = check_repository(root)
    refuse(errors_of(checked.diagnostics), root)
    model = checked.value
    chosen = chosen_views(model, views)
    known = registry(model)
    contract = known.targets[known_target(known.targets, known.default_target, target)]
    _check_engine(contract)
    clock_us = instant_of(contract.as_of) if contract.as_of else time.time_ns() // 1_000
    ranges = {
        view.name: _range(view, start_us, end_us, clock_us)
        if at_us is None
        else _one_point(known.views[view.name].grid, at_us, clock_us)
        for view in chosen
    }
    programs = {view.name: _program(model, view, known.views[view.name].table, _duration(every)) for view in chosen}
    job = Job(root, contract, Chunk(chunk), Limits(memory_limit, threads), wait_seconds, full_refresh, agreed, say=say)
    if only_estimate:
        plans = [plan_backfill(job, programs[name], whole) for name, whole in ranges.items() if whole is not None]
        put(estimate_json(plans) if output_format == "json" else estimate_table(plans))
        suggest("fpc backfill " + " ".join(views), "without --estimate fills it")
        return ExitCode.DONE
    reports = [fill(job, programs[name], whole, tell_plan) for name, whole in ranges.items() if whole is not None]
    put(report_json(reports, programs) if output_format == "json" else report_table(reports, programs))
    say(f"filled the history of {plural(len(reports), 'feature view')}")
    suggest("fpc backfill ... --estimate", "says what is there and what is not; docs/backfills.md tells how to read it")
    return ExitCode.DONE


def _range(view: FeatureView, start_us: int | None, end_us: int | None, clock_us: int) -> Range | None:
    """What is to be filled of a view; None where it lies behind the clock. Exit code 2 for a range that is none."""
    since = start_us if start_us is not None else view.start
    if since is None:
        raise wrong_usage(
            f"view `{view.name}` does not say where its history begins",
            help="give --start INSTANT, or `start:` in its spec",
        )
    if end_us is not None and end_us <= since:
        raise wrong_usage(f"the range of view `{view.name}` is empty: it ends at {shown(end_us)}",
                          help=f"it starts at {shown(since)}; --end is after that, and not in it")  # fmt: skip
    until = clock_us if end_us is None else min(end_us, clock_us)
    if end_us is not None and until < end_us:
        say(f"view `{view.name}`: the range ends at the clock, {shown(clock_us)}")
    return Range(since, until) if since < until else None


def _one_point(grid: GridContract, at_us: int, clock_us: int) -> Range | None:
    """From the latest point up to the instant until the next one; None where the clock has not come to it."""
    points = Points(grid, None)
    point = points.latest(at_us)
    return Range(point, points.next(point + 1)) if point <= clock_us else None


def _program(model: Model, view: FeatureView, table: str, every: Duration | None) -> BackfillProgram:
    schema, _, name = table.rpartition(".")
    history = f"{name}__history"
    taken = {model_name: what for model_name, what, _ in dbt_models(model)}
    if history in taken:
        raise user_fault(
            f"the history of view `{view.name}` would have the name of {taken[history]}", help="rename one of the two"
        )
    try:
        return lower_history(model, view, f"{schema}.{history}", every)
    except ValueError as error:
        raise wrong_usage(
            f"the schedule of view `{view.name}` has no such points: {error}",
            help="--every takes a multiple of the view's freshness",
        ) from error


def _duration(text: str | None) -> Duration | None:
    if text is None:
        return None
    try:
        found = Duration.parse(text)
    except ValueError as error:
        raise wrong_usage(f"`{text}` is no duration: {error}", help="such as 1h, 1d or 7d") from error
    if not found.microseconds:
        raise wrong_usage(f"`{text}` is no duration of a grid", help="such as 1h, 1d or 7d")
    return found


def _check_engine(target: TargetContract) -> None:
    if target.engine != "duckdb":
        raise user_fault(f"target `{target.name}`: backfills on {target.engine} are not built yet", help="use duckdb")
