"""The stage `record`: what the last refreshes of a view did, for those who may not open the warehouse.

`.fpc/refreshes/TARGET/VIEW.json` holds the last refresh, however it ended, and the publications before it, newest
first. `fpc status`, metrics and estimates read it; it can be lost without harm. The statistics of what was published
are kept beside it (`fpc.runtime.statistics`), which versions of a view were in the warehouse, too
(`fpc.runtime.registry_history`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from fpc.contract.registry import TargetContract, ViewContract
from fpc.contract.registry_lineage import registry_lineage
from fpc.contract.whole_file import write_whole
from fpc.runtime.gate.memory import bounded_memory
from fpc.runtime.publish import Outcome
from fpc.runtime.refresh.job import Job
from fpc.runtime.refresh.report import FailedTest, ViewOutcome, ViewRun
from fpc.runtime.refresh.stage_order import missing_build
from fpc.runtime.refresh.state import Build, read_builds
from fpc.runtime.registry_history import remember
from fpc.runtime.statistics import measure_values, read_statistics, record_statistics

FOLDER: Final = ".fpc/refreshes"
_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Refresh:
    """One finished refresh of a view. Instants are microseconds since the epoch; `ended_us` is by the wall clock.

    `rows`, `pushed` and `removed` are those of the publication, 0 where there was none; `message` is why there was
    none. `build_seconds` is the time of the view's own models and tests in the engine. `started_us` is when the
    refresh began by the wall clock, and `page` the gate's page; both are empty where it did not come so far.
    """

    as_of_us: int
    outcome: str
    ended_us: int
    rows: int = 0
    pushed: int = 0
    removed: int = 0
    build_seconds: float = 0.0
    publish_seconds: float = 0.0
    failed_tests: tuple[FailedTest, ...] = ()
    message: str = ""
    started_us: int = 0
    gate_seconds: float = 0.0
    page: str = ""


@dataclass(frozen=True, slots=True)
class ViewRecord:
    """A view's last refresh, and its publications, newest first, at most one for each instant."""

    last: Refresh
    published: tuple[Refresh, ...]


def read_record(root: Path, target: TargetContract, view: str) -> ViewRecord | None:
    """What is recorded of a view; None where there is nothing, or nothing that can be read."""
    try:
        document = json.loads(_path(root, target, view).read_text(encoding="utf-8"))
        return ViewRecord(_refresh(document["last"]), tuple(_refresh(entry) for entry in document["published"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def recorded_views(root: Path, target: TargetContract) -> list[str]:
    """The names of all views that have a record, by name, whether or not the specs still have them."""
    return sorted(path.stem for path in (root / FOLDER / target.name).glob("*.json"))


def record(job: Job, connection: duckdb.DuckDBPyConnection) -> list[ViewRun]:
    """Record the publication of every view of the job, by what the warehouse holds of it."""
    builds = read_builds(connection)
    runs = [_record(job, connection, view, as_of_us, builds.get(view.name)) for view, as_of_us in job.points]
    lineage = registry_lineage(job.registry)
    for (view, as_of_us), run in zip(job.points, runs, strict=True):
        done = builds[view.name].publication if run.outcome is ViewOutcome.PUBLISHED else None
        if done is not None:
            remember(
                connection,
                job.root,
                job.target.name,
                view,
                lineage,
                as_of_us=as_of_us,
                published_us=done.ended_us,
            )
    return runs


def record_failures(job: Job, runs: Sequence[ViewRun]) -> None:
    """Record the refreshes that ended without a publication."""
    for run in runs:
        if run.outcome in (ViewOutcome.GATED, ViewOutcome.FAILED):
            message = run.error.message if run.error is not None else ""
            found = Refresh(
                run.as_of_us,
                run.outcome.value,
                _now_us(),
                failed_tests=run.failed_tests,
                message=message,
                page=run.page,
            )
            _write(job, run.view, found)


def _record(
    job: Job, connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int, known: Build | None
) -> ViewRun:
    if known is None or known.as_of_us != as_of_us or known.publication is None:
        return missing_build(view, as_of_us, known, "publish" if known is not None else "build")
    done = known.publication
    took = done.outcome in (Outcome.PUBLISHED.value, Outcome.UNCHANGED.value)
    outcome = ViewOutcome.PUBLISHED if took else ViewOutcome.OVERTAKEN
    found = Refresh(
        as_of_us,
        outcome.value,
        done.ended_us,
        rows=done.total,
        pushed=done.pushed,
        removed=done.removed,
        build_seconds=known.build_seconds,
        publish_seconds=done.seconds,
        started_us=known.started_us,
        gate_seconds=known.verdict.seconds if known.verdict is not None else 0.0,
        page=known.verdict.page if known.verdict is not None else "",
    )
    _write(job, view.name, found)
    if took:
        _record_statistics(job, connection, view, found, changed=done.outcome == Outcome.PUBLISHED.value)
    return ViewRun(view.name, as_of_us, outcome, warnings=known.warnings, rows=done.total)


def _record_statistics(
    job: Job, connection: duckdb.DuckDBPyConnection, view: ViewContract, found: Refresh, *, changed: bool
) -> None:
    """Keep what the catalogue shows of the values. A refresh that is published does not fail for want of it."""
    known, _ = read_statistics(job.root, job.target, view.name)
    if not changed and known is not None and (known.as_of_us, known.fingerprint) == (found.as_of_us, view.fingerprint):
        return
    try:
        with bounded_memory(connection):
            measured = measure_values(connection, view, found.as_of_us)
        record_statistics(job.root, job.target, view.name, measured)
    except (duckdb.Error, OSError) as error:
        job.say(f"no statistics were kept of view `{view.name}`: {type(error).__name__}")


def _write(job: Job, view: str, found: Refresh) -> None:
    before = read_record(job.root, job.target, view)
    published = before.published if before is not None else ()
    if found.outcome == ViewOutcome.PUBLISHED.value:
        published = (found, *(entry for entry in published if entry.as_of_us != found.as_of_us))[:_KEPT]
    write_whole(_path(job.root, job.target, view), json.dumps(asdict(ViewRecord(found, published))) + "\n")


def _path(root: Path, target: TargetContract, view: str) -> Path:
    return root / FOLDER / target.name / f"{view}.json"


def _refresh(entry: dict[str, Any]) -> Refresh:
    tests = tuple(FailedTest.read(test) for test in entry.pop("failed_tests"))
    return Refresh(**entry, failed_tests=tests)


def _now_us() -> int:
    return time.time_ns() // 1_000
