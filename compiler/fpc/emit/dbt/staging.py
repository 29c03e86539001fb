"""Staging models: typed columns, event times, versions; one per source."""

from __future__ import annotations

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked, staging_model
from fpc.emit.dbt.sources import source_name, source_relation
from fpc.emit.dbt.sql_text import dbt_sql
from fpc.emit.header import sql_header, yaml_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml, dump
from fpc.model.nodes import Source
from fpc.plan.versions import reads_everything, shared_columns
from fpc.sql.staging import EVENT_AT, KNOWN_AT, SUPERSEDED_AT, lower_changed, lower_refused, lower_staging, times_of

_EVENT_COLUMNS = {
    EVENT_AT: "When the event happened.",
    KNOWN_AT: "When the platform could first have known it.",
    SUPERSEDED_AT: "When the next version of the same event became known; null while there is none.",
}


def staging(source: Source, project: str, groups: dict[str, str]) -> tuple[Artefact, ...]:
    """The staging model with its properties, the test that counts refused rows, and the one of what versions share.

    A view lets each refresh read only the rows that its windows reach. Versions that share nothing a refresh reads by
    need every row of the source in one sort, so they are kept in a table.
    """
    model, sources = staging_model(source), {source.name: source_name(source, project)}
    relation = source_relation(source)
    materialized = "table" if reads_everything(source) else "view"
    grain = f"one row per version of ({', '.join(source.unique_key)})" if source.unique_key else "one row per event"
    header = sql_header(
        f"{source.name}: {source.description}",
        grain=grain,
        owner=source.owner,
        spec=source.span.path,
        fingerprint=source.fingerprint,
    )
    config: dict[str, Yaml] = {
        "materialized": materialized,
        **({"group": groups[source.owner]} if source.owner in groups else {}),
        **({"tags": [inert(tag) for tag in source.tags]} if source.tags else {}),
        "meta": {"owner": inert(source.owner), "spec": inert(source.span.path), "fingerprint": source.fingerprint},
    }
    columns: list[Yaml] = [
        {"name": inert(column.name), "description": inert(column.description), "data_type": str(column.staged_type)}
        for column in source.columns
    ]
    columns.extend(
        {"name": name, "description": _EVENT_COLUMNS[name], "data_type": "timestamptz"} for name in times_of(source)
    )
    properties: dict[str, Yaml] = {
        "models": [
            {
                "name": model,
                "description": inert(f"{source.description} Typed, with event times and versions; {grain}.".strip()),
                "config": config,
                "columns": columns,
            }
        ]
    }
    return (
        Artefact(
            f"dbt_project/models/staging/{model}.sql",
            header + dbt_sql(lower_staging(source, relation), sources),
        ),
        Artefact(f"dbt_project/models/staging/{model}.yml", f"{yaml_header()}\n{dump(properties)}"),
        _refused(source, sources),
        *([_changed(source, sources)] if shared_columns(source) else []),
    )


def _refused(source: Source, sources: dict[str, str]) -> Artefact:
    """A singular test that warns with the number of rows that staging leaves out, and why."""
    name = checked(f"refused_{source.name}")
    header = sql_header(
        f"rows of {source.name} that staging refuses, counted by reason; they are left out and never used silently",
        owner=source.owner,
        spec=source.span.path,
    )
    config = "{{ config(severity='warn', fail_calc='coalesce(sum(refused_rows), 0)') }}\n\n"
    query = dbt_sql(lower_refused(source, source_relation(source)), sources)
    return Artefact(f"dbt_project/tests/{name}.sql", header + config + _belongs_to(source) + query)


def _changed(source: Source, sources: dict[str, str]) -> Artefact:
    """A singular test that fails where versions of one row differ in what the spec declares `immutable`."""
    name = checked(f"changed_{source.name}")
    header = sql_header(
        f"keys of {source.name} whose rows differ in a column that is declared immutable, by which staging tells "
        "versions of one row from other rows",
        owner=source.owner,
        spec=source.span.path,
    )
    query = dbt_sql(lower_changed(source, source_relation(source)), sources)
    return Artefact(f"dbt_project/tests/{name}.sql", header + _belongs_to(source) + query)


def _belongs_to(source: Source) -> str:
    """A reference to the staging model, that makes dbt select a test with it."""
    return f"-- depends_on: {{{{ ref('{staging_model(source)}') }}}}\n"
