"""One refresh: build, gate, publish, record, in that order and never half of it; or one of these stages alone.

Every selected view is built as of the latest point of its schedule that is not after the instant asked for, in one dbt
process. A view is published only when its tables were built and none of its tests of severity `error` failed;
otherwise what was served before stays served, and the other views go on.

A stage that is run alone finds what the one before left in the warehouse, for the same instant. Each can be run again
at any time, and after a kill: it does what is left to do, and no more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import assert_never

from fpc.contract.registry import Registry, TargetContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.gate.process import warm
from fpc.runtime.lineage import Teller, teller
from fpc.runtime.online.store import OnlineStore
from fpc.runtime.refresh.as_built import as_built
from fpc.runtime.refresh.build import BuildReport, build
from fpc.runtime.refresh.gate import gate
from fpc.runtime.refresh.job import Job, Say, plan_job
from fpc.runtime.refresh.publication import publish_views, publishable
from fpc.runtime.refresh.record import record, record_failures
from fpc.runtime.refresh.report import FailedTest, RefusedRows, RunReport, ViewOutcome, ViewRun
from fpc.runtime.refresh.source import check_sources
from fpc.runtime.refresh.turn import turn

__all__ = ["FailedTest", "RefusedRows", "RunReport", "Stage", "ViewOutcome", "ViewRun", "run", "run_job", "run_stage"]


class Stage(Enum):
    """The parts of a refresh, in their order."""

    SOURCE = "source"
    BUILD = "build"
    GATE = "gate"
    PUBLISH = "publish"
    RECORD = "record"


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
    job = plan_job(
        root, registry, target, select=select, as_of_us=as_of_us, full_refresh=full_refresh, say=say,
        wait_seconds=wait_seconds,
    )  # fmt: skip
    return run_job(job, store)


def run_job(job: Job, store: OnlineStore) -> RunReport:
    """All stages of a refresh; see `run`."""
    store.check()
    with turn(job.root, job.say, job.wait_seconds) as lock, teller(job) as tell, _recorded(job, tell):
        tell.start()
        built = build(job, lock, before_dbt=warm)
        since = time.perf_counter()
        runs, gate_seconds = _after_build(job, built, store)
        record_failures(job, runs)
        tell.end(runs)
    return RunReport(
        job.clock_us,
        tuple(runs),
        built.refused,
        built.training_sets,
        built.seconds,
        gate_seconds,
        time.perf_counter() - since - gate_seconds,
    )


def run_stage(job: Job, stage: Stage, store: OnlineStore | None = None) -> RunReport:
    """One stage of what `run` does; the views that came through it are `READY`, after the last two `PUBLISHED`.

    The stage `publish` alone needs the `store`.
    """
    if stage is Stage.SOURCE:
        return RunReport(job.clock_us, tuple(check_sources(job)))
    since = time.perf_counter()
    with (
        turn(job.root, job.say, job.wait_seconds) as lock,
        teller(job, is_whole=False) as tell,
        _recorded(job, tell),
    ):
        if stage is Stage.BUILD:
            tell.start()
            built = build(job, lock)
            record_failures(job, built.views)
            tell.end(built.views)
            return RunReport(job.clock_us, built.views, built.refused, built.training_sets, built.seconds)
        connection = job.open()
        try:
            job = as_built(job, connection)
            match stage:
                case Stage.GATE:
                    runs = gate(job, connection)
                case Stage.PUBLISH:
                    assert store is not None
                    runs = publish_views(job, connection, publishable(job, connection), store)
                case Stage.RECORD:
                    runs = record(job, connection)
                case _:
                    assert_never(stage)
        finally:
            connection.close()
        record_failures(job, runs)
        # What is published has ended once it is recorded.
        tell.end([run for run in runs if stage is Stage.RECORD or run.outcome is not ViewOutcome.PUBLISHED])
    seconds = time.perf_counter() - since
    return RunReport(
        job.clock_us,
        tuple(runs),
        gate_seconds=seconds if stage is Stage.GATE else 0.0,
        publish_seconds=seconds if stage is Stage.PUBLISH else 0.0,
    )


@contextmanager
def _recorded(job: Job, tell: Teller) -> Iterator[None]:
    """Record and tell a failure of the whole refresh as one of each of its views."""
    try:
        yield
    except FpcRuntimeError as error:
        failed = [ViewRun(view.name, as_of_us, ViewOutcome.FAILED, error=error) for view, as_of_us in job.points]
        record_failures(job, failed)
        tell.end(failed)
        raise


def _after_build(job: Job, built: BuildReport, store: OnlineStore) -> tuple[list[ViewRun], float]:
    """Gate, publish and record what was built; the views that were not built stay as they are.

    Also tells how many seconds the gate took.
    """
    failed = {run.view: run for run in built.views if run.error is not None}
    if len(failed) == len(built.views):
        return list(built.views), 0.0
    were_built = {run.view: run.built for run in built.views}
    standing = replace(job, points=tuple(point for point in job.points if point[0].name not in failed))
    connection = standing.open()
    try:
        since = time.perf_counter()
        judged = gate(standing, connection)
        gate_seconds = time.perf_counter() - since
        runs = publish_views(standing, connection, judged, store)
        published = {run.view for run in runs if run.outcome is ViewOutcome.PUBLISHED}
        record(replace(standing, points=tuple(p for p in standing.points if p[0].name in published)), connection)
    finally:
        connection.close()
    ended = failed | {run.view: replace(run, built=were_built[run.view]) for run in runs}
    return [ended[view.name] for view, _ in job.points], gate_seconds
