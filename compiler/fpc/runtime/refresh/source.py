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

    Says how new each source is. One that has nothing newer than the point before the view's, less the lateness that
    it promises, is told of and no more: events may simply not have happened. A source that a dbt model makes is left
    to the build, which makes it.
    """
    found: dict[str, FpcRuntimeError | None] = {}
    runs = []
    for view, as_of_us in job.points:
        source = job.registry.sources[view.source]
        if source.name not in found:
            found[source.name] = _check(job, source, view, as_of_us)
        error = found[source.name]
        if error is not None:
            runs.append(ViewRun(view.name, as_of_us, ViewOutcome.FAILED, error=error))
        else:
            runs.append(ViewRun(view.name, as_of_us, ViewOutcome.READY))
    return runs


def _check(job: Job, source: SourceContract, view: ViewContract, as_of_us: int) -> FpcRuntimeError | None:
    if source.dbt_model is not None:
        job.say(f"source `{source.name}` is made by the dbt model `{source.dbt_model}`, as part of the build")
        return None
    try:
        known_us = _newest(job, source)
    except FpcRuntimeError as error:
        error.kept = f"what was served of view `{view.name}` is still served"
        return error
    before_us = latest_point(view.grid, as_of_us - 1)
    if known_us is None:
        job.say(f"source `{source.name}` holds no row yet")
    elif known_us < before_us - (source.lateness_us or 0):
        job.say(
            f"source `{source.name}` has nothing newer than {instant_text(known_us)}, which is before the last refresh"
        )
    else:
        job.say(f"source `{source.name}` is known up to {instant_text(known_us)}")
    return None


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
