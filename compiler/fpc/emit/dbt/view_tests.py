"""A view's `tests` as dbt data tests: generic ones on its columns and model, queries as files of their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked
from fpc.emit.dbt.sql_text import dbt_sql
from fpc.emit.header import sql_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml
from fpc.model.nodes import (
    DriftTest,
    FeatureView,
    Literal,
    NoRowsTest,
    NotNullTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    Severity,
)
from fpc.sql.text import render


@dataclass(slots=True)
class ViewTests:
    """Where each test of one view goes."""

    on_model: list[Yaml] = field(default_factory=list)
    on_column: dict[str, list[Yaml]] = field(default_factory=dict)
    files: list[Artefact] = field(default_factory=list)


def view_tests(view: FeatureView) -> ViewTests:
    """The tests of the spec, and the one that every view has: its grain. Drift is for a later release."""
    placed, used = ViewTests(), Counter[str]()

    def name(what: str) -> str:
        used[what] += 1
        number = "" if used[what] == 1 else f"_{used[what]}"
        return checked(f"{view.name}__{what}{number}")

    def on_column(feature: str, kind: str, title: str, arguments: dict[str, Yaml], severity: Severity) -> None:
        test = _generic(kind, name(title), arguments, severity, view)
        placed.on_column.setdefault(feature, []).append(test)

    keys: list[Yaml] = [key.name for key in view.entity.keys]
    placed.on_model.append(_generic("fpc_grain", name("grain"), {"columns": keys}, Severity.ERROR, view))
    for test in view.tests:
        match test:
            case NotNullTest(features, severity):
                for feature in features:
                    on_column(feature, "not_null", f"not_null_{feature}", {}, severity)
            case RangeTest(feature, low, high, severity):
                ends: dict[str, Yaml] = {key: end for key, end in (("min", low), ("max", high)) if end is not None}
                on_column(feature, "fpc_range", f"range_{feature}", ends, severity)
            case OneOfTest(feature, values, severity):
                literals: list[Yaml] = [inert(_literal(value)) for value in values]
                on_column(feature, "fpc_one_of", f"one_of_{feature}", {"literals": literals}, severity)
            case RowsTest(low, high, severity):
                counts: dict[str, Yaml] = {key: end for key, end in (("min", low), ("max", high)) if end is not None}
                placed.on_model.append(_generic("fpc_rows", name("rows"), counts, severity, view))
            case NoRowsTest():
                placed.files.append(_no_rows(view, test, name("no_rows")))
            case DriftTest():
                pass
            case _:
                assert_never(test)
    return placed


def _generic(kind: str, name: str, arguments: dict[str, Yaml], severity: Severity, view: FeatureView) -> Yaml:
    return {
        kind: {
            "name": name,
            **({"arguments": arguments} if arguments else {}),
            "config": {"severity": severity.value, "meta": {"view": view.name}},
        }
    }


def _no_rows(view: FeatureView, test: NoRowsTest, name: str) -> Artefact:
    query = test.query.copy()
    is_named = any(column.table.lower() == "this" for column in query.find_all(exp.Column))
    for table in query.find_all(exp.Table):
        if table.name.lower() == "this" and not table.db:
            named = exp.to_table(f"__ref__{view.name}")
            alias = table.alias or ("this" if is_named else "")
            table.replace(exp.alias_(named, alias, table=True) if alias else named)
    header = sql_header(
        f"a refresh of {view.name} for which this query brings a row is not published",
        owner=view.owner,
        spec=view.span.path,
    )
    # dbt takes every row as a failure, whatever the query's own columns are called.
    config = f"{{{{ config(severity='{test.severity.value}', meta={{'view': '{checked(view.name)}'}}) }}}}\n\n"
    return Artefact(f"dbt_project/tests/{name}.sql", header + config + dbt_sql(query, {}))


def _literal(value: Literal) -> str:
    return render(exp.convert(value)).strip()
