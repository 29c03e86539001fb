"""Runs the views' examples on an engine in memory: raw rows in, through staging and the view's query, answers out.

The queries are those of the dbt project. An entity that has no row is answered with the view's empty row, as it is
online; entities that an example does not name may have any answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from fpc.emit.dbt.staged_rows import NotPlayableError, raw_value, timestamp_text, with_partition
from fpc.model.nodes import Column, Example, FeatureView, Model, Source, Value
from fpc.model.values import sql_literal
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.types.logical import LogicalType

_TOLERANCE = exp.Literal.number("1e-9")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One value that is not what the example expects; both as the engine writes them."""

    entity: str
    feature: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What became of one example; `problem` is set where it could not be computed."""

    view: str
    example: Example
    mismatches: tuple[Mismatch, ...]
    problem: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every expected value came out."""
        return not self.mismatches and self.problem is None


def run_examples(model: Model, views: Iterable[str] | None = None) -> Iterator[ExampleResult]:
    """Run every example of the views (None: all), in the order of the views' names."""
    names = list(model.views) if views is None else list(views)
    chosen = [model.views[name] for name in names]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for view in chosen:
            for example in view.examples:
                yield _run(connection, view, example)


def _run(connection: duckdb.DuckDBPyConnection, view: FeatureView, example: Example) -> ExampleResult:
    try:
        staging = lower_staging(view.source, raw_rows(view.source, example.given))
        as_of = exp.cast(exp.Literal.string(timestamp_text(example.at)), "timestamptz")
        relations = {
            "staged": staging,
            "answers": lower_snapshot(view, exp.to_table("staged"), as_of),
            "nothing": lower_empty(view, as_of),
        }
        for name, query in relations.items():
            connection.execute(
                render(exp.Create(this=exp.to_table(name), kind="TABLE", expression=query, replace=True))
            )
        rows = [_answer(connection, view, expected) for expected in example.expect]
    except (duckdb.Error, NotPlayableError) as error:
        return ExampleResult(view.name, example, (), str(error).splitlines()[0])
    return ExampleResult(view.name, example, tuple(mismatch for row in rows for mismatch in row))


def raw_rows(source: Source, given: Sequence[Mapping[str, Value]]) -> exp.Subquery:
    """A relation of raw rows as a CSV file would bring them: every declared column, as text; lists as such."""
    rows = [with_partition(source, row) for row in given] or [{}]
    selects = [
        exp.select(*(_raw(source, column, row.get(column.name)).as_(column.name) for column in source.columns))
        for row in rows
    ]
    if not given:
        selects = [selects[0].where(exp.false())]
    query: exp.Query = selects[0]
    for select in selects[1:]:
        query = exp.union(query, select, distinct=False, copy=False)
    return query.subquery("raw")


def _raw(source: Source, column: Column, given: Value) -> exp.Expr:
    if column.type.element is not None:
        return sql_literal(given, column.type)
    value = raw_value(source, given, column.type)
    if isinstance(value, bool):
        value = "true" if value else "false"
    return exp.cast(exp.null() if value is None else exp.Literal.string(str(value)), "varchar")


def _answer(connection: duckdb.DuckDBPyConnection, view: FeatureView, expected: Mapping[str, Value]) -> list[Mismatch]:
    """Compare one expected row with the entity's row, or with the empty row where it has none."""
    types = {output.name: output.type for output in view.outputs}
    keys = [
        exp.EQ(this=exp.column(key.name), expression=sql_literal(expected[key.name], key.type))
        for key in view.entity.keys
    ]
    wanted = [name for name in expected if name in types]
    compared = [
        column
        for name in wanted
        for column in (
            exp.cast(exp.column(name), "varchar"),
            exp.cast(sql_literal(expected[name], types[name]), "varchar"),
            _same(name, expected[name], types[name]),
        )
    ]
    for table, conditions in (("answers", keys), ("nothing", [])):
        query = exp.select(*compared).from_(table).where(*conditions)
        found = connection.execute(render(query)).fetchone()
        if found is not None:
            break
    else:
        raise AssertionError("the empty row is always there")
    entity = ", ".join(f"{key.name}={expected[key.name]}" for key in view.entity.keys)
    return [
        Mismatch(entity, name, _shown(found[3 * place + 1]), _shown(found[3 * place]))
        for place, name in enumerate(wanted)
        if not found[3 * place + 2]
    ]


def _same(name: str, value: Value, type: LogicalType) -> exp.Expr:
    """Equal, null equal to null; floating-point numbers to nine digits."""
    column, expected = exp.column(name), sql_literal(value, type)
    equal: exp.Expr = exp.NullSafeEQ(this=column, expression=expected)
    if not type.is_float or value is None:
        return equal
    apart = exp.Abs(this=exp.paren(exp.Sub(this=column.copy(), expression=expected.copy())))
    near = exp.LTE(this=apart, expression=exp.Mul(this=_TOLERANCE.copy(), expression=exp.Abs(this=expected.copy())))
    return exp.func("coalesce", exp.or_(equal, near), exp.false())


def _shown(text: object) -> str:
    return "null" if text is None else str(text)
