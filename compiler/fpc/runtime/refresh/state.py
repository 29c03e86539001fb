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

_TABLE: Final = f"{SCHEMA}.built"
_MAKE: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {_TABLE} (view VARCHAR PRIMARY KEY, as_of_us BIGINT, inputs VARCHAR, rows BIGINT, "
    "started_us BIGINT, build_seconds DOUBLE, failed_tests VARCHAR, warnings VARCHAR, verdict VARCHAR, "
    "publication VARCHAR, contract VARCHAR)",
    # A warehouse of an earlier version has the table without it.
    f"ALTER TABLE {_TABLE} ADD COLUMN IF NOT EXISTS contract VARCHAR",
)
_COLUMNS: Final = (
    "view, as_of_us, inputs, rows, started_us, build_seconds, failed_tests, warnings, verdict, publication, contract"
)


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
class Verdict:
    """The gate's word on a build: what stopped it (nothing: it passed), what did not, and the page that shows both."""

    failed_tests: tuple[FailedTest, ...]
    warnings: tuple[FailedTest, ...]
    page: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Build:
    """The last build of a view's tables, as of an instant.

    `inputs` is the digest of what they were made from; None where that changed meanwhile, or cannot be told.
    `failed_tests` and `warnings` are what dbt's tests found; `verdict` is the gate's, None before it was asked.
    `started_us` is when the refresh began, by the wall clock; `build_seconds` is the time of the view's models and
    tests alone. `contract` is the text of the view's registry file at the build; None of a build by an earlier version.
    """

    view: str
    as_of_us: int
    inputs: str | None
    rows: int
    started_us: int
    build_seconds: float
    failed_tests: tuple[FailedTest, ...] = ()
    warnings: tuple[FailedTest, ...] = ()
    verdict: Verdict | None = None
    publication: Publication | None = None
    contract: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the gate was asked, and let it through."""
        return self.verdict is not None and not self.verdict.failed_tests


def read_builds(connection: duckdb.DuckDBPyConnection) -> dict[str, Build]:
    """What is known of the views' tables, by view."""
    try:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM {_TABLE}").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return {}  # nothing was built, or by an earlier version
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
        build.started_us,
        build.build_seconds,
        json.dumps([asdict(test) for test in build.failed_tests]),
        json.dumps([asdict(test) for test in build.warnings]),
        None if build.verdict is None else json.dumps(asdict(build.verdict)),
        None if build.publication is None else json.dumps(asdict(build.publication)),
        build.contract,
    ]
    connection.execute(f"INSERT OR REPLACE INTO {_TABLE} ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)


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
    started_us: int,
    build_seconds: float,
    failed_tests: str,
    warnings: str,
    verdict: str | None,
    publication: str | None,
    contract: str | None,
) -> Build:
    return Build(
        view,
        as_of_us,
        inputs,
        rows,
        started_us,
        build_seconds,
        _tests(json.loads(failed_tests)),
        _tests(json.loads(warnings)),
        None if verdict is None else _verdict(json.loads(verdict)),
        None if publication is None else Publication(**json.loads(publication)),
        contract,
    )


def _verdict(document: dict[str, Any]) -> Verdict:
    return Verdict(
        _tests(document["failed_tests"]), _tests(document["warnings"]), document["page"], document["seconds"]
    )


def _tests(documents: Iterable[dict[str, Any]]) -> tuple[FailedTest, ...]:
    return tuple(FailedTest.read(document) for document in documents)
