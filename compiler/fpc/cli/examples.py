"""Runs the examples of a feature view: these events in, this answer out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import duckdb
from sqlglot import exp

from fpc.cli import local_engine
from fpc.cli.value_text import value_text
from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.model.nodes import Example, FeatureView, Literal
from fpc.model.values import sql_literal
from fpc.types.logical import LogicalType

# Two ways to compute a float may differ in its last digits.
_TOLERANCE: Final = 1e-9


def run_examples(view: FeatureView) -> tuple[Diagnostic, ...]:
    """One diagnostic for each example whose answer is another than expected."""
    found: list[Diagnostic] = []
    with local_engine.connect() as connection:
        for example in view.examples:
            try:
                problems = tuple(_compare(connection, view, example))
            except duckdb.Error as error:
                problems = (f"the engine refuses it: {str(error).strip().splitlines()[0]}",)
            if problems:
                found.append(
                    Diagnostic(
                        codes.FAILED_EXAMPLE.code,
                        Severity.ERROR,
                        f"example `{example.name}` of `{view.name}` has another answer",
                        Label(example.span, "expects what is not computed"),
                        problems,
                        "change the feature, or what the example expects",
                    )
                )
    return tuple(found)


def _compare(connection: duckdb.DuckDBPyConnection, view: FeatureView, example: Example) -> Iterator[str]:
    """What differs, in words."""
    local_engine.stage(connection, view, _given(view, example))
    types = _types(view)
    keys = tuple(key.name for key in view.entity.keys)
    rows = {_key(row, keys): row for row in local_engine.snapshot(connection, view, example.at)}
    nothing = local_engine.empty(connection, view, example.at)
    for expected in example.expect:
        typed = _typed(connection, expected, types)
        row = rows.get(_key(typed, keys), nothing)
        for name, value in typed.items():
            if name not in keys and not _agree(row[name], value):
                entity = ", ".join(f"{key}={value_text(typed[key])}" for key in keys)
                yield f"{entity}: `{name}` is {value_text(row[name])}, expected {value_text(value)}"


def _given(view: FeatureView, example: Example) -> exp.Expr:
    """The given rows as a relation with every column of the source; what an example leaves out is null."""
    columns = view.source.columns
    rows: list[exp.Select] = [
        exp.select(*(sql_literal(row.get(column.name), column.type).as_(column.name) for column in columns))
        for row in example.given
    ]
    if not rows:
        nothing = (sql_literal(None, column.type).as_(column.name) for column in columns)
        return exp.select(*nothing).where(exp.false()).subquery("given")
    union: exp.Query = rows[0]
    for row in rows[1:]:
        union = union.union(row, distinct=False)
    return union.subquery("given")


def _types(view: FeatureView) -> dict[str, LogicalType]:
    return {column.name: column.type for column in (*view.entity.keys, *view.outputs)}


def _typed(
    connection: duckdb.DuckDBPyConnection, expected: Mapping[str, Literal], types: Mapping[str, LogicalType]
) -> dict[str, object]:
    """The expected values as the engine spells them, so that equal ones compare equal."""
    query = exp.select(*(sql_literal(value, types[name]).as_(name) for name, value in expected.items()))
    row = connection.execute(query.sql(dialect="duckdb")).fetchone()
    assert row is not None
    return dict(zip(expected, row, strict=True))


def _key(row: Mapping[str, object], keys: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(row[key] for key in keys)


def _agree(value: object, expected: object) -> bool:
    if isinstance(value, float) and isinstance(expected, float | int | Decimal):
        return math.isclose(value, float(expected), rel_tol=_TOLERANCE, abs_tol=0.0) or value == expected
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(_agree, value, expected))
    return value == expected
