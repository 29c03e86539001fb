"""The stage `source`: whether what the views read is there, can be read, and has moved on."""

from __future__ import annotations

import duckdb

from fpc.contract.registry import SourceContract, ViewContract
from fpc.contract.training import TrainingSource
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.grid import instant_text, latest_point
from fpc.runtime.raw_rows import Place, attach_source, attach_warehouse, first_line
from fpc.runtime.refresh.job import Job
from fpc.runtime.refresh.report import ViewOutcome, ViewRun
from fpc.runtime.warehouse import warehouse_path


def check_sources(job: Job) -> list[ViewRun]:
    """`READY` for every view whose source can be read; `FAILED` for the others.

    Says how new each source is. One is stale that has nothing newer than the point before the view's, less the lateness
    that it promises. With such a promise (`max_lateness`) the view fails: to go on would serve windows that run empty
    as if nothing had happened. Without one it is told of and no more: events may simply not have happened. A source
    that a dbt model makes is left to the build, which makes it.
    """
    newest: dict[str, int | FpcRuntimeError | None] = {}
    runs = []
    for view, as_of_us in job.points:
        source = job.registry.sources[view.source]
        if source.dbt_model is not None:
            job.say(f"source `{source.name}` is made by the dbt model `{source.dbt_model}`, as part of the build")
            runs.append(ViewRun(view.name, as_of_us, ViewOutcome.READY))
            continue
        if source.name not in newest:
            newest[source.name] = _newest_or_why_not(job, source)
        error = _check(job, source, newest[source.name], view, as_of_us)
        outcome = ViewOutcome.READY if error is None else ViewOutcome.FAILED
        runs.append(ViewRun(view.name, as_of_us, outcome, error=error))
    return runs


def _check(
    job: Job, source: SourceContract, newest: int | FpcRuntimeError | None, view: ViewContract, as_of_us: int
) -> FpcRuntimeError | None:
    """Why the view cannot be refreshed as of the instant, if it cannot; `newest` is of the source's rows."""
    kept = f"what was served of view `{view.name}` is still served"
    if isinstance(newest, FpcRuntimeError):
        newest.kept = kept
        return newest
    oldest_us = latest_point(view.grid, as_of_us - 1) - (source.lateness_us or 0)
    if newest is not None and newest >= oldest_us:
        job.say(f"source `{source.name}` is known up to {instant_text(newest)}")
        return None
    if newest is None:
        said = f"source `{source.name}` holds no row yet"
    else:
        said = f"source `{source.name}` has nothing newer than {instant_text(newest)}, which is before the last refresh"
    if source.lateness_us is None:
        job.say(said)
        return None
    return FpcRuntimeError(
        f"{said}, later than it promises",
        kept=kept,
        help="see what loads it; a source that may be silent for longer makes no promise of `max_lateness`",
        exit_code=1,
    )


def _newest_or_why_not(job: Job, source: SourceContract) -> int | FpcRuntimeError | None:
    try:
        return _newest(job, source)
    except FpcRuntimeError as error:
        return error


def _newest(job: Job, source: SourceContract) -> int | None:
    """When the source's newest row became known; None where it has none. Raises where it cannot be read."""
    raw = TrainingSource(source.name, f"source_{source.name}", source.path, source.table, source.columns)
    place = Place(job.root, warehouse_path(job.root, job.target))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        if source.table is not None:
            attach_warehouse(connection, place)
        attach_source(connection, raw, place)
        try:
            rows = connection.execute(source.newest_sql).fetchall()
        except duckdb.Error as error:
            raise FpcRuntimeError(
                f"source `{source.name}` can't be read: {first_line(error)}",
                help="mend the data, or declare the columns as they are",
                exit_code=1,
            ) from error
    return None if rows[0][1] is None else int(rows[0][1])
