"""One refresh: dbt build, gate, publish, view by view, in that order and never half of it.

Every selected view is built as of the latest point of its schedule that is not after the instant asked for, in one dbt
process. A view is published only when its tables were built and none of its tests of severity `error` failed;
otherwise what was served before stays served, and the other views go on.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.registry import Registry, TargetContract, ViewContract
from fpc.runtime import dbt
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.failures import explain
from fpc.runtime.grid import instant_of, instant_text, latest_point
from fpc.runtime.history import keep_histories, take_histories
from fpc.runtime.inputs import forget, read_inputs, remember, up_to_date
from fpc.runtime.online.store import OnlineStore, OnlineStoreError
from fpc.runtime.publish import PublishReport, publish
from fpc.runtime.warehouse import open_warehouse, warehouse_path

Say = Callable[[str], None]

_REFUSED: Final = "refused_"


class ViewOutcome(Enum):
    """How a view's refresh ended."""

    PUBLISHED = "published"
    GATED = "gated"  # built, but a test failed: not published
    FAILED = "failed"  # not built, or the store did not take it


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that found rows, or could not be run (then `rows` is 0 and `reason` says why)."""

    name: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class ViewRun:
    """One view's refresh. `warnings` are failed tests of severity `warn`, which stop nothing.

    A view is not `built` when its tables were right already: neither data, specs nor the instant had changed.
    """

    view: str
    as_of_us: int
    outcome: ViewOutcome
    failed_tests: tuple[FailedTest, ...] = ()
    warnings: tuple[FailedTest, ...] = ()
    publication: PublishReport | None = None
    error: FpcRuntimeError | None = None
    built: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRows:
    """How many rows of a source were refused by its check, and so left out of every view."""

    source: str
    rows: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did, view by view in the order of their names, and how long its parts took.

    `training_sets` are the declared training sets that were asked for and built.
    """

    clock_us: int
    views: tuple[ViewRun, ...]
    refused: tuple[RefusedRows, ...]
    training_sets: tuple[str, ...]
    build_seconds: float
    publish_seconds: float

    @property
    def exit_code(self) -> int:
        """0 when every view is served as of its instant; 1 when data or a test stood against it, 3 otherwise."""
        codes = {view.error.exit_code for view in self.views if view.error is not None}
        codes |= {1 for view in self.views if view.outcome is ViewOutcome.GATED}
        return max(codes, default=0)


def run(
    root: Path,
    registry: Registry,
    target: TargetContract,
    store: OnlineStore,
    *,
    select: Sequence[str] = (),
    as_of_us: int | None = None,
    full_refresh: bool = False,
    say: Say = lambda step: None,
    wait_seconds: float = 20.0,
) -> RunReport:
    """Refresh the selected views (none: all), and build the selected training sets.

    The clock is `as_of_us`, else the target's frozen clock, else now. `say` is told each step as it begins. Raises
    `FpcRuntimeError` where nothing at all could be done: then nothing was changed. What a view could not do stands in
    its `ViewRun`.
    """
    clock_us = _clock(target, as_of_us)
    views, training_sets = _selected(registry, select)
    _check_project(root, target)
    store.check()
    path = warehouse_path(root, target)
    points = [(view, latest_point(view.grid, clock_us)) for view in views]
    ready = frozenset() if full_refresh else _up_to_date(root, path, points, say, wait_seconds)
    stale = [view for view in views if view.name not in ready]
    if ready:
        say(f"unchanged since the last run: {_counted(len(ready), 'view')}")
    started, since_ns = time.perf_counter(), time.time_ns()
    built = dbt.DbtRun((), {}, "")
    if stale or training_sets:
        since = _prepare(root, path, points, ready, say, wait_seconds, full_refresh=full_refresh)
        what = [_counted(len(stale), "view")] if stale else []
        what += [_counted(len(training_sets), "training set")] if training_sets else []
        say(f"dbt build: {', '.join(what)} as of {instant_text(clock_us)}")
        selectors = [part for view in stale for part in view.dbt_select.split()]
        selectors += [registry.training_sets[name].dbt_select for name in training_sets]
        if since:
            say(f"carried forward from their last refresh: {_counted(len(since), 'view')}")
        built = dbt.build(root, target.name, selectors, instant_text(clock_us), since=since, full_refresh=full_refresh)
    build_seconds = time.perf_counter() - started
    judged = [(view, _judge(view, as_of_us, built, root, ready=view.name in ready)) for view, as_of_us in points]
    if any(view_run.outcome is not ViewOutcome.FAILED for _, view_run in judged):
        connection = open_warehouse(path, say, wait_seconds)
        try:
            _remember(root, connection, judged, since_ns)
            judged = _publish(judged, connection, registry.name, store, say)
        finally:
            connection.close()
    return RunReport(
        clock_us=clock_us,
        views=tuple(view_run for _, view_run in judged),
        refused=tuple(_refused(built)),
        training_sets=_built_sets(registry, training_sets, built),
        build_seconds=build_seconds,
        publish_seconds=time.perf_counter() - started - build_seconds,
    )


def _check_project(root: Path, target: TargetContract) -> None:
    if target.engine != "duckdb":
        raise FpcRuntimeError(f"target `{target.name}`: runs on {target.engine} are not built yet", help="use duckdb")
    if not (root / dbt.PROJECT / "dbt_project.yml").exists():
        raise FpcRuntimeError("there is no dbt project yet", help="fpc compile", exit_code=1)


def _prepare(
    root: Path,
    path: Path,
    points: Sequence[tuple[ViewContract, int]],
    ready: frozenset[str],
    say: Say,
    wait_seconds: float,
    *,
    full_refresh: bool,
) -> Mapping[str, str]:
    """Forget what is about to be built; from which instants views can be carried forward, by view."""
    stale = [(view, as_of_us) for view, as_of_us in points if view.name not in ready]
    connection = open_warehouse(path, say, wait_seconds)
    try:
        forget(connection, [view.name for view, _ in stale])
        since = take_histories(connection, stale, read_inputs(root))
    finally:
        connection.close()
    return {} if full_refresh else {view: instant_text(instant) for view, instant in since.items()}


def _remember(
    root: Path,
    connection: duckdb.DuckDBPyConnection,
    judged: Sequence[tuple[ViewContract, ViewRun]],
    since_ns: int,
) -> None:
    """Write down what the tables that were built now are made from; for the gate, that they passed it."""
    built = [(view, run) for view, run in judged if run.built and run.outcome is not ViewOutcome.FAILED]
    if built:
        inputs = read_inputs(root)
        passed = [(run.view, run.as_of_us) for _, run in built if run.outcome is ViewOutcome.PUBLISHED]
        remember(connection, passed, inputs, since_ns)
        keep_histories(connection, [(view, run.as_of_us) for view, run in built], inputs, since_ns)


def _up_to_date(
    root: Path, path: Path, points: Sequence[tuple[ViewContract, int]], say: Say, wait_seconds: float
) -> frozenset[str]:
    connection = open_warehouse(path, say, wait_seconds)
    try:
        return up_to_date(connection, points, read_inputs(root))
    finally:
        connection.close()


def _clock(target: TargetContract, as_of_us: int | None) -> int:
    if as_of_us is not None:
        return as_of_us
    return instant_of(target.as_of) if target.as_of else time.time_ns() // 1_000


def _selected(registry: Registry, select: Sequence[str]) -> tuple[list[ViewContract], list[str]]:
    if not select:
        return list(registry.views.values()), []
    known = [*registry.views, *registry.training_sets]
    for name in select:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise FpcRuntimeError(
                f"there is no feature view `{name}` in the registry",
                help=f"did you mean `{near[0]}`?" if near else "`fpc compile` puts new views there",
                exit_code=1,
            )
    return (
        [view for name, view in registry.views.items() if name in select],
        [name for name in registry.training_sets if name in select and name not in registry.views],
    )


def _judge(view: ViewContract, as_of_us: int, built: dbt.DbtRun, root: Path, *, ready: bool) -> ViewRun:
    """Whether the view may be published: the gate. A view that was `ready` has passed it before."""
    if ready:
        return ViewRun(view.name, as_of_us, ViewOutcome.PUBLISHED)
    models = {table.rsplit(".", 1)[-1] for table in (view.table, view.empty_table)}
    own = [result for result in built.results if result.kind == "model" and result.name in models]
    error = _build_error(view, own, len(models), built, root)
    ids = {result.id for result in own}
    tests = [result for result in built.results if result.kind == "test" and ids.intersection(result.parents)]
    failed = tuple(_failed(test) for test in tests if test.is_broken)
    warnings = tuple(_failed(test) for test in tests if test.status == "warn")
    outcome = ViewOutcome.FAILED if error is not None else ViewOutcome.GATED if failed else ViewOutcome.PUBLISHED
    return ViewRun(view.name, as_of_us, outcome, () if error else failed, warnings, None, error, built=True)


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
    return explain(view, causes[0].message if causes else "", root)


def _failed(test: dbt.NodeResult) -> FailedTest:
    reason = "" if test.status in ("fail", "warn") else "it could not be run"
    return FailedTest(test.name, test.failures, reason)


def _publish(
    judged: Sequence[tuple[ViewContract, ViewRun]],
    connection: duckdb.DuckDBPyConnection,
    repository: str,
    store: OnlineStore,
    say: Say,
) -> list[tuple[ViewContract, ViewRun]]:
    """Publish what passed the gate. A store that fails once is not asked again in this run."""
    passed = [run for _, run in judged if run.outcome is ViewOutcome.PUBLISHED]
    if not passed:
        return list(judged)
    say(f"publish: {_counted(len(passed), 'view')} to {store.address}")
    done: list[tuple[ViewContract, ViewRun]] = []
    fault: FpcRuntimeError | None = None
    for view, run in judged:
        if run.outcome is ViewOutcome.PUBLISHED:
            try:
                if fault is not None:
                    raise fault
                run = replace(run, publication=publish(connection, view, store, run.as_of_us, repository=repository))
            except FpcRuntimeError as error:
                run = replace(run, outcome=ViewOutcome.FAILED, error=error)
                fault = error if isinstance(error, OnlineStoreError) else None
        done.append((view, run))
    return done


def _refused(built: dbt.DbtRun) -> Iterable[RefusedRows]:
    for result in built.results:
        if result.kind == "test" and result.name.startswith(_REFUSED) and result.status == "warn":
            yield RefusedRows(result.name.removeprefix(_REFUSED), result.failures)


def _built_sets(registry: Registry, names: Sequence[str], built: dbt.DbtRun) -> tuple[str, ...]:
    broken = {result.name: result for result in built.results if result.is_broken}
    for name in names:
        failed = broken.get(registry.training_sets[name].table.rsplit(".", 1)[-1])
        if failed is not None:
            raise FpcRuntimeError(
                f"training set `{name}` was not built: {dbt.last_error(failed.message)}",
                kept="the table of the last run is kept",
                exit_code=1,
            )
    return tuple(names)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
