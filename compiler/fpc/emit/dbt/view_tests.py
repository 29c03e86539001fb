"""A view's `tests` as dbt data tests: generic ones on its columns and model, queries as files of their own.

They are for `dbt build` by hand and for other orchestrators. `fpc run` leaves what carries `GATE_TAG` to the gate,
which tests the same and more in one pass (`fpc.emit.gate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, assert_never

from sqlglot import exp

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked
from fpc.emit.dbt.sql_text import dbt_sql
from fpc.emit.gate import over_table
from fpc.emit.header import sql_header
from fpc.emit.inert import inert
from fpc.emit.named_tests import grain_name, named_tests
from fpc.emit.yaml_text import Yaml
from fpc.model.nodes import (
    FeatureView,
    Literal,
)
from fpc.model.view_test_nodes import (
    DriftTest,
    NoRowsTest,
    NotNullTest,
    NullShareTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    Severity,
)
from fpc.sql.text import render

#: The dbt tag of the tests that the gate makes too.
GATE_TAG: Final = "fpc_gate"


@dataclass(slots=True)
class ViewTests:
    """Where each test of one view goes."""

    on_model: list[Yaml] = field(default_factory=list)
    on_column: dict[str, list[Yaml]] = field(default_factory=dict)
    files: list[Artefact] = field(default_factory=list)


def view_tests(view: FeatureView) -> ViewTests:
    """The tests of the spec, and the one that every view has: its grain.

    Not among them are those that need the last publication, which dbt does not know, and drift, which is for a later
    release.
    """
    placed = ViewTests()

    def on_column(feature: str, kind: str, name: str, arguments: dict[str, Yaml], severity: Severity) -> None:
        test = _generic(kind, name, arguments, severity, view)
        placed.on_column.setdefault(feature, []).append(test)

    keys: list[Yaml] = [key.name for key in view.entity.keys]
    placed.on_model.append(_generic("fpc_grain", grain_name(view), {"columns": keys}, Severity.ERROR, view))
    for named in named_tests(view):
        match named.test:
            case NotNullTest(_, severity):
                assert named.feature is not None
                on_column(named.feature, "not_null", named.name, {}, severity)
            case NullShareTest(feature, most, _, severity):
                if most is not None:
                    on_column(feature, "fpc_null_share", named.name, {"max": most}, severity)
            case RangeTest(feature, low, high, severity):
                on_column(feature, "fpc_range", named.name, _ends(low, high), severity)
            case OneOfTest(feature, values, severity):
                literals: list[Yaml] = [inert(_literal(value)) for value in values]
                on_column(feature, "fpc_one_of", named.name, {"literals": literals}, severity)
            case RowsTest(low, high, severity):
                if low is not None or high is not None:
                    placed.on_model.append(_generic("fpc_rows", named.name, _ends(low, high), severity, view))
            case NoRowsTest() as test:
                placed.files.append(_no_rows(view, test, named.name))
            case DriftTest():
                pass
            case _:
                assert_never(named.test)
    return placed


def _ends(low: float | None, high: float | None) -> dict[str, Yaml]:
    return {key: end for key, end in (("min", low), ("max", high)) if end is not None}


def _generic(kind: str, name: str, arguments: dict[str, Yaml], severity: Severity, view: FeatureView) -> Yaml:
    return {
        kind: {
            "name": name,
            **({"arguments": arguments} if arguments else {}),
            "config": {"severity": severity.value, "tags": [GATE_TAG], "meta": {"view": view.name}},
        }
    }


def _no_rows(view: FeatureView, test: NoRowsTest, name: str) -> Artefact:
    header = sql_header(
        f"a refresh of {view.name} for which this query brings a row is not published",
        owner=view.owner,
        spec=view.span.path,
    )
    # dbt takes every row as a failure, whatever the query's own columns are called.
    config = f"severity='{test.severity.value}', tags=['{GATE_TAG}'], meta={{'view': '{checked(view.name)}'}}"
    query = dbt_sql(over_table(test, f"__ref__{view.name}"), {})
    return Artefact(f"dbt_project/tests/{name}.sql", f"{header}{{{{ config({config}) }}}}\n\n{query}")


def _literal(value: Literal) -> str:
    return render(exp.convert(value)).strip()
