"""The stage `build`: the views' tables by one dbt process, and what its tests found about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.registry import Registry, ViewContract
from fpc.contract.registry_json import view_text
from fpc.runtime import dbt
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.failures import explain
from fpc.runtime.grid import instant_text
from fpc.runtime.history import keep_histories, take_histories
from fpc.runtime.inputs import Inputs, read_inputs, stands_at
from fpc.runtime.refresh.job import Job, counted
from fpc.runtime.refresh.report import FailedTest, RefusedRows, ViewOutcome, ViewRun
from fpc.runtime.refresh.state import Build, forget_builds, read_builds, write_build

_REFUSED: Final = "refused_"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The views, each `READY` for the gate or `FAILED`; the rows refused by sources; the training sets built."""

    views: tuple[ViewRun, ...]
    refused: tuple[RefusedRows, ...]
    training_sets: tuple[str, ...]
    seconds: float


def build(job: Job, lock: int, before_dbt: Callable[[], None] = lambda: None) -> BuildReport:
    """Build what is not as it should be, and write down what was found, for the gate.

    `lock` is the descriptor that keeps other refreshes waiting; dbt inherits it. `before_dbt` is called when there is
    something to build.
    Views whose data, specs and instant have not changed since they passed the gate are left as they are. Killed at
    any point, what was being built counts as not built.
    """
    started, since_ns = time.perf_counter(), time.time_ns()
    ready = frozenset() if job.full_refresh else _up_to_date(job)
    stale = [(view, as_of_us) for view, as_of_us in job.points if view.name not in ready]
    if ready:
        job.say(f"unchanged since the last run: {counted(len(ready), 'view')}")
    found = dbt.DbtRun((), {}, "")
    if stale or job.training_sets:
        before_dbt()
        found = _run_dbt(job, stale, lock)
    views = [
        ViewRun(view.name, as_of_us, ViewOutcome.READY)
        if view.name in ready
        else _built(view, as_of_us, found, job.root)
        for view, as_of_us in job.points
    ]
    if any(view.error is None for view in views):
        _write_down(job, views, found, since_ns)
    return BuildReport(
        tuple(views),
        tuple(_refused(found)),
        _built_sets(job.registry, job.training_sets, found),
        time.perf_counter() - started,
    )


def _up_to_date(job: Job) -> frozenset[str]:
    """The views whose tables are those of this instant and of these inputs, and passed the gate."""
    connection = job.open()
    try:
        builds, inputs = read_builds(connection), read_inputs(job.root).by_view
        return frozenset(
            view.name
            for view, as_of_us in job.points
            if (known := builds.get(view.name)) is not None
            and view.name in inputs
            and (known.as_of_us, known.inputs, known.passed) == (as_of_us, inputs[view.name].digest, True)
            and stands_at(connection, view, as_of_us)
        )
    finally:
        connection.close()


def _run_dbt(job: Job, stale: Sequence[tuple[ViewContract, int]], lock: int) -> dbt.DbtRun:
    since = _take_since(job, stale)
    what = [counted(len(stale), "view")] if stale else []
    what += [counted(len(job.training_sets), "training set")] if job.training_sets else []
    as_of = instant_text(job.clock_us)
    job.say(f"dbt build: {', '.join(what)} as of {as_of}")
    selectors = [part for view, _ in stale for part in view.dbt_select.split()]
    selectors += [job.registry.training_sets[name].dbt_select for name in job.training_sets]
    if since:
        job.say(f"carried forward from their last refresh: {counted(len(since), 'view')}")
    return dbt.build(
        job.root,
        job.target.name,
        selectors,
        as_of,
        since=since,
        full_refresh=job.full_refresh,
        inherit=(lock,),
        echo=job.echo,
    )


def _take_since(job: Job, stale: Sequence[tuple[ViewContract, int]]) -> Mapping[str, str]:
    """Forget what is about to be built; from which instants views can be carried forward, by view."""
    connection = job.open()
    try:
        forget_builds(connection, [view.name for view, _ in stale])
        since = take_histories(connection, stale, read_inputs(job.root))
    finally:
        connection.close()
    return {} if job.full_refresh else {view: instant_text(instant) for view, instant in since.items()}


def _built(view: ViewContract, as_of_us: int, found: dbt.DbtRun, root: Path) -> ViewRun:
    """Whether the view's tables are there, and what the tests upon them found."""
    models = {table.rsplit(".", 1)[-1] for table in (view.table, view.empty_table)}
    own = [result for result in found.results if result.kind == "model" and result.name in models]
    error = _build_error(view, own, len(models), found, root)
    if error is not None:
        return ViewRun(view.name, as_of_us, ViewOutcome.FAILED, error=error, built=True)
    tests = _tests_of(own, found)
    failed = tuple(_failed(test) for test in tests if test.is_broken)
    warnings = tuple(_failed(test) for test in tests if test.status == "warn")
    return ViewRun(view.name, as_of_us, ViewOutcome.READY, failed, warnings, built=True)


def _tests_of(own: Sequence[dbt.NodeResult], found: dbt.DbtRun) -> list[dbt.NodeResult]:
    ids = {result.id for result in own}
    return [result for result in found.results if result.kind == "test" and ids.intersection(result.parents)]


def _write_down(job: Job, views: Sequence[ViewRun], found: dbt.DbtRun, since_ns: int) -> None:
    """What the tables that were built now are made from, and what their tests found; what of the others is new."""
    standing = [(view, run) for (view, _), run in zip(job.points, views, strict=True) if run.error is None]
    built = [(view, run) for view, run in standing if run.built]
    inputs = read_inputs(job.root)
    connection = job.open()
    try:
        known = read_builds(connection)
        for view, run in standing:
            # Its rows are as they were; who owns or describes it may not be.
            if not run.built and known[view.name].contract != view_text(view):
                write_build(connection, replace(known[view.name], contract=view_text(view)))
        for view, run in built:
            write_build(connection, _build_of(connection, view, run, inputs, found, since_ns))
        keep_histories(connection, [(view, run.as_of_us) for view, run in built], inputs, since_ns)
    finally:
        connection.close()


def _build_of(
    connection: duckdb.DuckDBPyConnection,
    view: ViewContract,
    run: ViewRun,
    inputs: Inputs,
    found: dbt.DbtRun,
    since_ns: int,
) -> Build:
    known = inputs.by_view.get(view.name)
    # What changed while it was read may or may not be in the tables: the next run is to look again.
    digest = known.digest if known is not None and inputs.newest_change_ns < since_ns else None
    models = {table.rsplit(".", 1)[-1] for table in (view.table, view.empty_table)}
    own = [result for result in found.results if result.kind == "model" and result.name in models]
    seconds = sum(result.seconds for result in (*own, *_tests_of(own, found)))
    rows = int(connection.execute(f"SELECT COUNT(*) FROM {view.table}").fetchall()[0][0])
    return Build(
        view.name,
        run.as_of_us,
        digest,
        rows,
        since_ns // 1_000,
        seconds,
        run.failed_tests,
        run.warnings,
        contract=view_text(view),
    )


def _build_error(
    view: ViewContract, own: Sequence[dbt.NodeResult], wanted: int, built: dbt.DbtRun, root: Path
) -> FpcRuntimeError | None:
    """Why the view's tables are not there: the first thing that broke among all that they are built from."""
    if len(own) == wanted and not any(result.is_broken for result in own):
        return None
    upstream = frozenset().union(*(built.ancestors(result.id) for result in own))
    causes = [
        result
        for result in built.results
        if result.is_broken
        and result.status != "skipped"
        and (result.id in upstream or (result.parents and upstream.issuperset(result.parents)))
    ]
    return explain(view, _said(causes[0]) if causes else "", root)


def _said(cause: dbt.NodeResult) -> str:
    """What dbt said, and for a test, of which it says no more than how many rows it brought, which one it is."""
    return f"test {cause.name}: {cause.message}" if cause.kind == "test" else cause.message


def _failed(test: dbt.NodeResult) -> FailedTest:
    reason = "" if test.status in ("fail", "warn") else "it could not be run"
    return FailedTest(test.name, test.failures, reason)


def _refused(found: dbt.DbtRun) -> list[RefusedRows]:
    return [
        RefusedRows(result.name.removeprefix(_REFUSED), result.failures)
        for result in found.results
        if result.kind == "test" and result.name.startswith(_REFUSED) and result.status == "warn"
    ]


def _built_sets(registry: Registry, names: Sequence[str], found: dbt.DbtRun) -> tuple[str, ...]:
    broken = {result.name: result for result in found.results if result.is_broken}
    for name in names:
        failed = broken.get(registry.training_sets[name].table.rsplit(".", 1)[-1])
        if failed is not None:
            raise FpcRuntimeError(
                f"training set `{name}` was not built: {dbt.last_error(failed.message)}",
                kept="the table of the last run is kept",
                exit_code=1,
            )
    return tuple(names)
