"""`fpc run`: one refresh of what is served."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.compile import compile_for
from fpc.cli.console import fail, put, say, suggest, warn
from fpc.cli.instants import Instant, shown
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.report import plural, refuse
from fpc.cli.table import table
from fpc.emit.writer import difference, write
from fpc.runtime.run import RunReport, ViewOutcome, ViewRun, run


@click.command("run", short_help="Refresh: dbt build, gate, publish.")
@click.option(
    "--select", "select", metavar="NAME,...", multiple=True, help="Views or training sets, by commas; can be repeated."
)
@click.option("--as-of", "as_of_us", type=Instant(), help="The instant; by default the target's clock.")
@click.option("--full-refresh", is_flag=True, help="Compute the tables anew instead of adding to them.")
@click.option("--no-compile", is_flag=True, help="Run what is on disk, as a deployed image does.")
@options.target
@options.repository
def command(
    select: tuple[str, ...],
    as_of_us: int | None,
    full_refresh: bool,
    no_compile: bool,
    target: str | None,
    root: Path,
) -> int:
    """Refresh what is served: dbt build, gate, publish, view by view.

    Each view is computed as of the latest point of its schedule, tested, and published only if no test fails;
    otherwise what was served before stays served, and the other views go on. What the specs compile to is brought up
    to date first.
    """
    if not no_compile:
        _compile(root, target)
    registry = read_registry(root)
    chosen = chosen_target(registry, target)
    store = store_of(root, chosen)
    try:
        report = run(
            root, registry, chosen, store, select=_names(select), as_of_us=as_of_us, full_refresh=full_refresh, say=say
        )
    finally:
        store.close()
    put(_table(report))
    _tell(report)
    return report.exit_code


def _names(select: tuple[str, ...]) -> list[str]:
    return [name.strip() for names in select for name in names.split(",") if name.strip()]


def _compile(root: Path, target: str | None) -> None:
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


def _tell(report: RunReport) -> None:
    for refused in report.refused:
        warn(f"{plural(refused.rows, 'row')} of source `{refused.source}` refused: null or contradictory times or keys")
    for view in report.views:
        _tell_view(view)
    for name in report.training_sets:
        say(f"training set `{name}` is built")
    published = sum(view.outcome is ViewOutcome.PUBLISHED for view in report.views)
    say(f"published {published} of {plural(len(report.views), 'view')}: "
        f"dbt {report.build_seconds:.1f} s, publish {report.publish_seconds:.1f} s")  # fmt: skip
    if report.exit_code:
        suggest("fpc status", "shows what is served meanwhile")
    else:
        suggest("fpc get SERVICE KEY=VALUE", "reads one entity; `fpc status` shows all views")


def _tell_view(view: ViewRun) -> None:
    for test in view.warnings:
        warn(f"view `{view.view}`: test {test.name} found {plural(test.rows, 'row')}")
    for test in view.failed_tests:
        what = test.reason or f"found {plural(test.rows, 'row')}"
        fail(f"view `{view.view}` is not published: test {test.name} {what}", ("kept: what was served before",))
    if view.error is not None:
        kept = (f"kept: {view.error.kept}",) if view.error.kept else ()
        fail(view.error.message, kept, view.error.help or None)
    if view.publication is not None and view.publication.reason:
        say(f"view `{view.view}`: {view.publication.reason}")
