"""A refresh as OpenLineage events: the view's job, what it read, what it wrote, and which column came from which."""

# attrs takes `producer` for the field `_producer`, which pyright does not know.
# pyright: reportCallIssue=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Final

from openlineage.client.event_v2 import InputDataset, OutputDataset, Run, RunEvent, RunState
from openlineage.client.event_v2 import Job as LineageJob
from openlineage.client.facet_v2 import (
    DatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
    column_lineage_dataset,
    documentation_dataset,
    error_message_run,
    job_type_job,
    nominal_time_run,
    output_statistics_output_dataset,
    ownership_job,
    processing_engine_run,
    schema_dataset,
)

from fpc.contract.lineage import Role
from fpc.contract.registry import FeatureContract, ReadContract, SourceContract, ViewContract
from fpc.runtime.grid import instant_text
from fpc.runtime.refresh.job import Job
from fpc.runtime.refresh.report import ViewOutcome, ViewRun

PRODUCER: Final = f"urn:fpc:{version('fpc')}"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA: Final = "main"
#: A role as OpenLineage tells ways of influence apart: of the value itself, or of which rows count.
_WAYS: Final = {
    Role.VALUE.value: ("DIRECT", "AGGREGATION"),
    Role.FILTER.value: ("INDIRECT", "FILTER"),
    Role.WHERE.value: ("INDIRECT", "FILTER"),
    Role.KEY.value: ("INDIRECT", "GROUP_BY"),
    Role.EVENT_TIME.value: ("INDIRECT", "WINDOW"),
    Role.KNOWN_TIME.value: ("INDIRECT", "WINDOW"),
    Role.UNIQUE_KEY.value: ("INDIRECT", "SORT"),
}
_STATES: Final = {
    ViewOutcome.PUBLISHED: RunState.COMPLETE,
    ViewOutcome.OVERTAKEN: RunState.ABORT,
    ViewOutcome.GATED: RunState.FAIL,
    ViewOutcome.FAILED: RunState.FAIL,
}


def started(job: Job, view: ViewContract, as_of_us: int, run_id: str) -> RunEvent:
    """That a view's refresh begins."""
    return _event(job, view, as_of_us, run_id, RunState.START)


def finished(job: Job, view: ViewContract, run: ViewRun, run_id: str) -> RunEvent:
    """How a view's refresh ended, with its rows if it was published, and why if it was not.

    Messages name tests and causes, never a key's value.
    """
    return _event(job, view, run.as_of_us, run_id, _STATES[run.outcome], run.rows, _why(run))


def _event(
    job: Job,
    view: ViewContract,
    as_of_us: int,
    run_id: str,
    state: RunState,
    rows: int | None = None,
    why: str | None = None,
) -> RunEvent:
    instant = (_EPOCH + timedelta(microseconds=as_of_us)).isoformat().replace("+00:00", "Z")
    facets: dict[str, RunFacet] = {
        "nominalTime": nominal_time_run.NominalTimeRunFacet(instant, producer=PRODUCER),
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            version("duckdb"), "DuckDB", version("fpc"), producer=PRODUCER
        ),
    }
    if why is not None:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(why, "SQL", producer=PRODUCER)
    source = job.registry.sources[view.source]
    return RunEvent(
        eventTime=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        producer=PRODUCER,
        run=Run(run_id, facets),
        job=LineageJob(job.registry.name, f"{job.target.name}.{view.name}", _job_facets(view)),
        eventType=state,
        inputs=[InputDataset(*_dataset_of(job, source), facets=_schema_facets(source))],
        outputs=[_output(job, view, rows if state is RunState.COMPLETE else None)],
    )


def _why(run: ViewRun) -> str | None:
    if run.outcome is ViewOutcome.GATED:
        return f"tests failed: {', '.join(test.name for test in run.failed_tests)}"
    if run.outcome is ViewOutcome.OVERTAKEN:
        return f"overtaken: a newer instant than {instant_text(run.as_of_us)} is served"
    return None if run.error is None else run.error.message


def _job_facets(view: ViewContract) -> dict[str, JobFacet]:
    found: dict[str, JobFacet] = {
        "jobType": job_type_job.JobTypeJobFacet("BATCH", "FPC", "FEATURE_VIEW", producer=PRODUCER)
    }
    if view.owner:
        found["ownership"] = ownership_job.OwnershipJobFacet([ownership_job.Owner(view.owner)], producer=PRODUCER)
    return found


def _dataset_of(job: Job, source: SourceContract) -> tuple[str, str]:
    """Namespace and name of the rows that a source reads."""
    if source.view is not None:
        return _warehouse(job), f"{_SCHEMA}.{source.view}"
    if source.path is not None:
        return "file", source.path
    table = source.table.replace('"', "") if source.table is not None else f"{_SCHEMA}.{source.dbt_model}"
    return _warehouse(job), table


def _warehouse(job: Job) -> str:
    return f"duckdb://{job.registry.name}/{job.target.database or job.target.name}"


def _schema_facets(source: SourceContract) -> dict[str, DatasetFacet]:
    columns = [schema_dataset.SchemaDatasetFacetFields(each.name, each.type) for each in source.columns]
    return {"schema": schema_dataset.SchemaDatasetFacet(columns, producer=PRODUCER)}


def _output(job: Job, view: ViewContract, rows: int | None) -> OutputDataset:
    columns = [schema_dataset.SchemaDatasetFacetFields(key.name, key.type) for key in view.keys]
    columns += [
        schema_dataset.SchemaDatasetFacetFields(each.name, each.type, each.description or None)
        for each in view.features
    ]
    facets: dict[str, DatasetFacet] = {
        "schema": schema_dataset.SchemaDatasetFacet(columns, producer=PRODUCER),
        "columnLineage": _column_lineage(job, view),
    }
    if view.description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(view.description, producer=PRODUCER)
    statistics: dict[str, OutputDatasetFacet] = {}
    if rows is not None:
        statistics["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=rows, producer=PRODUCER
        )
    return OutputDataset(_warehouse(job), view.table, statistics, facets=facets)


def _column_lineage(job: Job, view: ViewContract) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    """For each key and feature the columns of the source above it; of a derived feature those of its inputs."""
    dataset = _dataset_of(job, job.registry.sources[view.source])
    by_name = {each.name: each for each in view.features}
    columns = [read.column for read in view.reads if read.role == Role.KEY.value]
    fields = {
        key.name: _fields(dataset, [(name, ("DIRECT", "IDENTITY"))])
        for key, name in zip(view.keys, columns, strict=False)
    }
    for each in view.features:
        reads = dict.fromkeys((*_own_reads(each, by_name), *view.reads))
        fields[each.name] = _fields(dataset, ((read.column, _WAYS[read.role]) for read in reads))
    return column_lineage_dataset.ColumnLineageDatasetFacet(fields, producer=PRODUCER)


def _own_reads(each: FeatureContract, by_name: dict[str, FeatureContract]) -> Iterator[ReadContract]:
    yield from each.reads
    for name in each.inputs:
        yield from _own_reads(by_name[name], by_name)


def _fields(dataset: tuple[str, str], reads: Iterable[tuple[str, tuple[str, str]]]) -> column_lineage_dataset.Fields:
    ways: dict[str, list[column_lineage_dataset.Transformation]] = {}
    for name, way in reads:
        ways.setdefault(name, []).append(column_lineage_dataset.Transformation(*way))
    return column_lineage_dataset.Fields(
        [column_lineage_dataset.InputField(*dataset, name, found) for name, found in ways.items()]
    )
