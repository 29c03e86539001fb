"""Sources: the raw columns, described, and where they are read from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked, staging_model
from fpc.emit.dbt.project import from_root
from fpc.emit.header import yaml_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml, dump
from fpc.model.nodes import Column, DbtModelLocation, FileLocation, Source, TableLocation


def source_properties(source: Source, project: str) -> tuple[Artefact, ...]:
    """The dbt source of a file or table; a source that is a user's dbt model needs none."""
    match source.location:
        case FileLocation(path):
            place: dict[str, Yaml] = {"external_location": file_reader(path)}
            identifier: dict[str, Yaml] = {}
        case TableLocation(schema, table):
            place, identifier = {}, {"identifier": inert(table)}
            if schema is not None:
                identifier["schema"] = inert(schema)
        case DbtModelLocation():
            return ()
    table_properties: dict[str, Yaml] = {
        "name": checked(source.name),
        **({"identifier": identifier["identifier"]} if identifier else {}),
        "description": inert(source.description),
        "config": {**place, "meta": {"owner": inert(source.owner), "spec": inert(source.span.path)}},
        "columns": [_column(column, source) for column in source.columns],
    }
    # One dbt source per fpc source: dbt knows a schema per source only, and a file of its own keeps diffs small.
    document: dict[str, Yaml] = {
        "sources": [
            {
                "name": source_name(source, project),
                "schema": identifier.get("schema", "main"),
                "tables": [table_properties],
            }
        ]
    }
    path = f"dbt_project/models/staging/src_{checked(source.name)}.yml"
    return (Artefact(path, f"{yaml_header()}\n{dump(document)}"),)


def source_name(source: Source, project: str) -> str:
    """The name of the dbt source that holds a source: `raw`, under the schema's name where it has one."""
    location = source.location
    if isinstance(location, TableLocation) and location.schema is not None:
        slug = re.sub(r"[^a-z0-9_]", "_", location.schema.lower())
        return checked(f"{slug}_schema" if slug == project else slug)
    return checked(project)


def source_relation(source: Source) -> exp.Expr:
    """What staging reads from: a placeholder that the layout prints as `source()` or `ref()`."""
    if isinstance(source.location, DbtModelLocation):
        return exp.to_table(f"__ref__{checked(source.location.model)}")
    return exp.to_table(f"__source__{checked(source.name)}")


def staged_relation(source: Source) -> exp.Table:
    """The staged rows of a source, as views and training sets read them."""
    return exp.to_table(f"__ref__{staging_model(source)}")


def file_reader(path: str, guessed: Mapping[str, str] | None = None) -> str:
    """What dbt-duckdb puts behind FROM for files of a glob.

    Columns of a CSV file are text, or guessed but for those whose types `guessed` names.
    """
    # dbt-duckdb formats the location with Python's str.format, hence the doubled braces; quotes are SQL's.
    located = from_root(path.replace("'", "''").replace("{", "{{").replace("}", "}}"))
    if path.lower().endswith(".csv"):
        return f"read_csv('{located}', header = true{_csv_types(guessed)})"
    return f"read_parquet('{located}')"


def _csv_types(guessed: Mapping[str, str] | None) -> str:
    if guessed is None:
        return ", all_varchar = true"
    known = ", ".join(f"\"{checked(column)}\" := '{type_}'" for column, type_ in guessed.items())
    return f", types = struct_pack({known})" if known else ""


def _column(column: Column, source: Source) -> dict[str, Yaml]:
    meaning = [column.description] if column.description else []
    if column.name == source.event_time.column:
        meaning.append("When it happened.")
    if source.known_time is not None and column.name == source.known_time.column:
        meaning.append("When the platform could first have known it.")
    if column.name in source.unique_key:
        meaning.append("Rows that share the key are versions of one event.")
    return {"name": inert(column.name), "description": inert(" ".join(meaning)), "data_type": str(column.type)}
