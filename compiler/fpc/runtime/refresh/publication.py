"""The stage `publish`: what passed the gate goes to the online store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from fpc.contract.registry import ViewContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.gate.baseline import keep_baseline
from fpc.runtime.online.store import OnlineStore, OnlineStoreError
from fpc.runtime.publish import Outcome, publish
from fpc.runtime.refresh.gate import judged
from fpc.runtime.refresh.job import Job, counted
from fpc.runtime.refresh.report import ViewOutcome, ViewRun
from fpc.runtime.refresh.stage_order import missing_build
from fpc.runtime.refresh.state import Build, published, read_builds, write_build


def publishable(job: Job, connection: duckdb.DuckDBPyConnection) -> list[ViewRun]:
    """The views of the job as the gate left them: those that are `READY` may be published."""
    builds = read_builds(connection)
    return [_gated(view, as_of_us, builds.get(view.name)) for view, as_of_us in job.points]


def publish_views(
    job: Job, connection: duckdb.DuckDBPyConnection, judged: Sequence[ViewRun], store: OnlineStore
) -> list[ViewRun]:
    """Publish what is `READY`. A store that fails once is not asked again in this run."""
    ready = [run for run in judged if run.outcome is ViewOutcome.READY]
    if not ready:
        return list(judged)
    job.say(f"publish: {counted(len(ready), 'view')} to {store.address}")
    builds = read_builds(connection)
    done: list[ViewRun] = []
    fault: FpcRuntimeError | None = None
    for (view, _), run in zip(job.points, judged, strict=True):
        if run.outcome is ViewOutcome.READY:
            try:
                if fault is not None:
                    raise fault
                run = _publish(connection, view, run, builds[view.name], store, job.registry.name)
            except FpcRuntimeError as error:
                run = replace(run, outcome=ViewOutcome.FAILED, error=error)
                fault = error if isinstance(error, OnlineStoreError) else None
        done.append(run)
    return done


def _gated(view: ViewContract, as_of_us: int, known: Build | None) -> ViewRun:
    if known is None or known.as_of_us != as_of_us:
        return missing_build(view, as_of_us, known, "build")
    if known.verdict is None:
        return missing_build(view, as_of_us, known, "gate")
    return judged(known)


def _publish(
    connection: duckdb.DuckDBPyConnection,
    view: ViewContract,
    run: ViewRun,
    known: Build,
    store: OnlineStore,
    repository: str,
) -> ViewRun:
    report = publish(connection, view, store, run.as_of_us, repository=repository)
    write_build(connection, replace(known, publication=published(report, time.time_ns() // 1_000)))
    if report.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED):
        keep_baseline(connection, view, run.as_of_us)
    return replace(run, outcome=ViewOutcome.PUBLISHED, publication=report, rows=report.total)
