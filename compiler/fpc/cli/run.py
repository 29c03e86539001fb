"""`fpc run`: one refresh of what is served."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import fail, put, say, suggest, warn
from fpc.cli.instants import Instant, shown
from fpc.cli.left_behind import tell_left_behind
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.report import plural, refuse
from fpc.cli.table import table
from fpc.runtime.refresh.job import Job, plan_job
from fpc.runtime.run import FailedTest, RunReport, Stage, ViewOutcome, ViewRun, run_job, run_stage


@click.command("run", short_help="Refresh: dbt build, gate, publish.")
@click.option(
    "--select", "select", metavar="NAME,...", multiple=True, help="Views or training sets, by commas; can be repeated."
)
@click.option("--as-of", "as_of_us", type=Instant(), help="The instant; by default the target's clock.")
@click.option(
    "--scheduled-at",
    "scheduled_us",
    type=Instant(),
    help="As --as-of, but never past a clock that the target freezes: the time of a scheduler's run.",
)
@click.option("--full-refresh", is_flag=True, help="Compute the tables anew instead of adding to them.")
@click.option(
    "--stage", type=click.Choice([stage.value for stage in Stage]), help="Only this part of the refresh; see below."
)
@click.option("--dbt-log", is_flag=True, help="Show what dbt says, as it says it.")
@options.wait(20.0, "another refresh")
@click.option("--no-compile", is_flag=True, help="Run what is on disk, as a deployed image does.")
@options.target
@options.repository
def command(
    select: tuple[str, ...],
    as_of_us: int | None,
    scheduled_us: int | None,
    full_refresh: bool,
    stage: str | None,
    dbt_log: bool,
    wait_seconds: float,
    no_compile: bool,
    target: str | None,
    root: Path,
) -> int:
    """Refresh what is served: dbt build, gate, publish, view by view.

    Each view is computed as of the latest point of its schedule, tested, and published only if no test fails;
    otherwise what was served before stays served, and the other views go on. What the specs compile to is brought up
    to date first.

    With --stage one part is done alone, for programs that schedule: `source` looks whether the data are there, `build`
    makes the tables and tests them, `gate` judges them, `publish` brings them to the online store, `record` writes down
    what was done. Each finds in the warehouse what the one before left for the same instant, and can be run again at
    any time.
    """
    if not no_compile:
        _compile(root, target)
    registry = read_registry(root)
    job = plan_job(
        root,
        registry,
        chosen_target(registry, target),
        select=_names(select),
        as_of_us=as_of_us,
        scheduled_us=scheduled_us,
        full_refresh=full_refresh,
        say=say,
        echo=say if dbt_log else _nothing,
        wait_seconds=wait_seconds,
    )
    report = _run(job, None if stage is None else Stage(stage))
    put(_table(report))
    _tell(report, stage)
    return report.exit_code


def _run(job: Job, stage: Stage | None) -> RunReport:
    """The whole refresh, or one stage; only what publishes reaches for the online store."""
    if stage is not None and stage is not Stage.PUBLISH:
        return run_stage(job, stage)
    store = store_of(job.root, job.target)
    try:
        report = run_job(job, store) if stage is None else run_stage(job, stage, store)
        tell_left_behind(job.root, job.registry, job.target, store)
        return report
    finally:
        store.close()


def _nothing(_line: str) -> None:
    """Say nothing."""


def _names(select: tuple[str, ...]) -> list[str]:
    return [name.strip() for names in select for name in names.split(",") if name.strip()]


def _compile(root: Path, target: str | None) -> None:
    # The compiler takes a second to import, and a deployed image does without it.
    from fpc.cli.compile import compile_for
    from fpc.emit.writer import difference, write

    compiled = compile_for(root, target)
    refuse(compiled.diagnostics, root)
    if difference(root, compiled.value):
        written = write(root, compiled.value)
        say(f"compiled: {plural(len(written.differences) - len(written.kept), 'file')} written")
        if written.kept:
            warn(f"{plural(len(written.kept), 'file')} edited by hand and kept: {', '.join(written.kept)}")


def _table(report: RunReport) -> str:
    rows = []
    for view in report.views:
        done = view.publication
        counts = ("-", "-", "-") if done is None else (f"{done.pushed:,}", f"{done.removed:,}", f"{done.total:,}")
        rows.append((view.view, view.outcome.value, shown(view.as_of_us), *counts))
    return table(("view", "outcome", "as of", "pushed", "removed", "rows"), rows)


def _tell(report: RunReport, stage: str | None) -> None:
    for refused in report.refused:
        warn(f"{plural(refused.rows, 'row')} of source `{refused.source}` refused: null or contradictory times or keys")
    for view in report.views:
        _tell_view(view)
    for name in report.training_sets:
        say(f"training set `{name}` is built")
    if stage is not None:
        through = sum(view.error is None and view.outcome is not ViewOutcome.GATED for view in report.views)
        say(f"stage {stage}: {through} of {plural(len(report.views), 'view')} came through")
        return
    published = sum(view.outcome is ViewOutcome.PUBLISHED for view in report.views)
    say(f"published {published} of {plural(len(report.views), 'view')}: "
        f"dbt {report.build_seconds:.1f} s, gate {report.gate_seconds:.1f} s, "
        f"publish {report.publish_seconds:.1f} s")  # fmt: skip
    if report.exit_code:
        suggest("fpc status", "shows what is served meanwhile")
    else:
        suggest("fpc get SERVICE KEY=VALUE", "reads one entity; `fpc status` shows all views")


def _tell_view(view: ViewRun) -> None:
    for test in view.warnings:
        warn(f"view `{view.view}`: test {_found(test)}{_examples(test, '; ')}")
    for test in view.failed_tests:
        notes = (_examples(test), "kept: what was served before", f"page: {view.page}" if view.page else "")
        fail(f"view `{view.view}` is not published: test {_found(test)}", notes)
    if view.error is not None:
        kept = (f"kept: {view.error.kept}",) if view.error.kept else ()
        fail(view.error.message, kept, view.error.help or None)
    if view.publication is not None and view.publication.reason:
        say(f"view `{view.view}`: {view.publication.reason}")


def _found(test: FailedTest) -> str:
    return f"{test.name} {test.reason or 'found ' + plural(test.rows, 'row')}"


def _examples(test: FailedTest, before: str = "") -> str:
    return f"{before}keys (hashed): {', '.join(test.examples)}" if test.examples else ""
