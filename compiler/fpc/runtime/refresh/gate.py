"""The stage `gate`: whether what was built may be published, by what its tests found."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from fpc.contract.registry import ViewContract
from fpc.runtime.refresh.job import Job
from fpc.runtime.refresh.report import ViewOutcome, ViewRun
from fpc.runtime.refresh.stage_order import missing_build
from fpc.runtime.refresh.state import Build, read_builds, write_build


def gate(job: Job, connection: duckdb.DuckDBPyConnection) -> list[ViewRun]:
    """Judge every view of the job: `READY` to be published, `GATED`, `OVERTAKEN`, or `FAILED` where nothing is built.

    The verdict is written down; asked again it is the same until the tables are built anew.
    """
    builds = read_builds(connection)
    return [_judge(connection, view, as_of_us, builds.get(view.name)) for view, as_of_us in job.points]


def _judge(connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int, known: Build | None) -> ViewRun:
    if known is None or known.as_of_us != as_of_us:
        return missing_build(view, as_of_us, known, "build")
    passed = not known.failed_tests
    if known.passed is not passed:
        write_build(connection, replace(known, passed=passed))
    outcome = ViewOutcome.READY if passed else ViewOutcome.GATED
    return ViewRun(view.name, as_of_us, outcome, known.failed_tests, known.warnings, rows=known.rows)
