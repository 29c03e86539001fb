"""The views of a job as they were when their tables were built, whatever was compiled since.

Stages are programs of their own, so a spec may be compiled between two of them. What is judged, published and written
down is what lies in the warehouse; the new definition's turn comes with its own build.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from fpc.contract.registry import ViewContract
from fpc.contract.registry_json import RegistryError, read_view
from fpc.runtime.refresh.job import Job
from fpc.runtime.refresh.state import Build, read_builds


def as_built(job: Job, connection: duckdb.DuckDBPyConnection) -> Job:
    """The job with each view as its last build had it; a view that was not built as of its instant is left as it is."""
    builds = read_builds(connection)
    points = tuple((_as_built(view, builds.get(view.name), as_of_us), as_of_us) for view, as_of_us in job.points)
    if points == job.points:
        return job
    views = job.registry.views | {view.name: view for view, _ in points}
    return replace(job, points=points, registry=replace(job.registry, views=views))


def _as_built(view: ViewContract, known: Build | None, as_of_us: int) -> ViewContract:
    if known is None or known.as_of_us != as_of_us or known.contract is None:
        return view
    try:
        return read_view(known.contract)
    except RegistryError:  # written by another version of fpc
        return view
