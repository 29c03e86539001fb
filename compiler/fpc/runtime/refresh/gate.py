"""The stage `gate`: whether what was built may be published, by its tests and by those of the tables it is made of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import duckdb

from fpc.contract.registry import ViewContract
from fpc.runtime.gate.examine import examine
from fpc.runtime.gate.process import warm
from fpc.runtime.gate.report import TestFinding
from fpc.runtime.refresh.job import Job, counted
from fpc.runtime.refresh.report import FailedTest, ViewOutcome, ViewRun
from fpc.runtime.refresh.stage_order import missing_build
from fpc.runtime.refresh.state import Build, Verdict, read_builds, write_build
from fpc.runtime.refresh.upstream import read_upstream


def gate(job: Job, connection: duckdb.DuckDBPyConnection) -> list[ViewRun]:
    """Judge every view of the job: `READY` to be published, `GATED`, `OVERTAKEN`, or `FAILED` where nothing is built.

    The verdict is written down. What passed is not asked again until it is built anew; what did not is.
    """
    builds = read_builds(connection)
    upstream = read_upstream(job.root, job.registry, [view.name for view, _ in job.points], list(builds))
    asked = [view for view, as_of_us in job.points if _is_open(builds.get(view.name), as_of_us)]
    if asked:
        warm()  # what it imports passes while the warehouse measures
        job.say(f"gate: {counted(sum(len(view.tests) for view in asked), 'test')} of {counted(len(asked), 'view')}")
    runs: dict[str, ViewRun] = {}
    # A view is judged after those whose tables it reads.
    for view, as_of_us in sorted(job.points, key=lambda point: (len(upstream[point[0].name]), point[0].name)):
        known = builds.get(view.name)
        if known is None or known.as_of_us != as_of_us:
            runs[view.name] = missing_build(view, as_of_us, known, "build")
            continue
        if not known.passed:
            known = replace(known, verdict=_verdict(job, connection, view, known, upstream[view.name], builds))
            write_build(connection, known)
            builds[view.name] = known
        runs[view.name] = judged(known)
    return [runs[view.name] for view, _ in job.points]


def judged(known: Build) -> ViewRun:
    """The view of a build by the verdict on it, which must be there."""
    assert known.verdict is not None
    outcome = ViewOutcome.READY if known.passed else ViewOutcome.GATED
    verdict = known.verdict
    return ViewRun(
        known.view,
        known.as_of_us,
        outcome,
        verdict.failed_tests,
        verdict.warnings,
        rows=known.rows,
        page=verdict.page,
    )


def _is_open(known: Build | None, as_of_us: int) -> bool:
    return known is not None and known.as_of_us == as_of_us and not known.passed


def _verdict(
    job: Job,
    connection: duckdb.DuckDBPyConnection,
    view: ViewContract,
    known: Build,
    upstream: frozenset[str],
    builds: Mapping[str, Build],
) -> Verdict:
    since = time.perf_counter()
    found = examine(connection, job.root, job.target.name, view, known.as_of_us)
    stopped = [name for name in sorted(upstream) if name in builds and not builds[name].passed]
    upon = tuple(FailedTest(f"{name}_passes", 0, "found that this table, which it reads, did not") for name in stopped)
    return Verdict(
        (*known.failed_tests, *map(_failed, found.failed), *upon),
        (*known.warnings, *map(_failed, found.warnings)),
        found.page,
        time.perf_counter() - since,
    )


def _failed(finding: TestFinding) -> FailedTest:
    return FailedTest(finding.name, finding.rows, finding.reason, finding.examples)
