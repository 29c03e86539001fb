"""What one stage leaves for the next, in the warehouse: which tables were built, from what, and what their tests found.

It lies beside the tables that it speaks of, so that it is as whole as they are: a warehouse that is lost or replaced
takes it along. One row per view, of its last build; it is deleted before the tables are touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

import duckdb

from fpc.runtime.inputs import SCHEMA
from fpc.runtime.publish import PublishReport
from fpc.runtime.refresh.report import FailedTest

_TABLE: Final = f"{SCHEMA}.builds"
_MAKE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {_TABLE} (view VARCHAR PRIMARY KEY, as_of_us BIGINT, inputs VARCHAR, rows BIGINT, "
    "build_seconds DOUBLE, failed_tests VARCHAR, warnings VARCHAR, passed BOOLEAN, publication VARCHAR)",
)
_COLUMNS: Final = "view, as_of_us, inputs, rows, build_seconds, failed_tests, warnings, passed, publication"


@dataclass(frozen=True, slots=True)
class Publication:
    """The numbers of a build's last publication."""

    outcome: str
    pushed: int
    removed: int
    total: int
    seconds: float
    ended_us: int


@dataclass(frozen=True, slots=True)
class Build:
    """The last build of a view's tables, as of an instant.

    `inputs` is the digest of what they were made from; None where that changed meanwhile, or cannot be told.
    `failed_tests` and `warnings` are what dbt's tests found; `passed` is the gate's word, None before it was asked.
    `build_seconds` is the time of its models and tests alone.
    """

    view: str
    as_of_us: int
    inputs: str | None
    rows: int
    build_seconds: float
    failed_tests: tuple[FailedTest, ...] = ()
    warnings: tuple[FailedTest, ...] = ()
    passed: bool | None = None
    publication: Publication | None = None


def read_builds(connection: duckdb.DuckDBPyConnection) -> dict[str, Build]:
    """What is known of the views' tables, by view."""
    try:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM {_TABLE}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {str(row[0]): _build(*row) for row in rows}


def write_build(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Write down a view's build in place of what was known of it."""
    for statement in _MAKE:
        connection.execute(statement)
    row = [
        build.view,
        build.as_of_us,
        build.inputs,
        build.rows,
        build.build_seconds,
        json.dumps([asdict(test) for test in build.failed_tests]),
        json.dumps([asdict(test) for test in build.warnings]),
        build.passed,
        None if build.publication is None else json.dumps(asdict(build.publication)),
    ]
    connection.execute(f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def forget_builds(connection: duckdb.DuckDBPyConnection, views: Iterable[str]) -> None:
    """Know nothing of these views: their tables are about to be built."""
    for statement in _MAKE:
        connection.execute(statement)
    for view in views:
        connection.execute(f"DELETE FROM {_TABLE} WHERE view = ?", [view])


def published(report: PublishReport, ended_us: int) -> Publication:
    """What is kept of a publication's report."""
    return Publication(report.outcome.value, report.pushed, report.removed, report.total, report.seconds, ended_us)


def _build(
    view: str,
    as_of_us: int,
    inputs: str | None,
    rows: int,
    build_seconds: float,
    failed_tests: str,
    warnings: str,
    passed: bool | None,
    publication: str | None,
) -> Build:
    return Build(
        view,
        as_of_us,
        inputs,
        rows,
        build_seconds,
        _tests(failed_tests),
        _tests(warnings),
        passed,
        None if publication is None else Publication(**json.loads(publication)),
    )


def _tests(text: str) -> tuple[FailedTest, ...]:
    found: list[dict[str, Any]] = json.loads(text)
    return tuple(FailedTest(**test) for test in found)
