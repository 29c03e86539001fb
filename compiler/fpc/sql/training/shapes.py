"""Small SQL patterns with nodes put in: the training lowering writes no SQL by hand-joined text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sqlglot
from sqlglot import exp

from fpc.sql.trees import clone, rebuild


def shape(pattern: str, **nodes: exp.Expr | str | int) -> exp.Expr:
    """The constant DuckDB `pattern` with each column named in `nodes` replaced; text is a column's name.

    >>> shape("EPOCH_US(_time) + _shift", _time="event_at", _shift=5).sql("duckdb")
    'EPOCH_US(event_at) + 5'
    """
    given = {name: _node(value) for name, value in nodes.items()}

    def put(node: exp.Expr) -> exp.Expr | None:
        if not isinstance(node, exp.Column) or node.table or node.name not in given:
            return None
        put_in = clone(given[node.name])
        tight = isinstance(node.parent, (exp.Binary, exp.Unary, exp.Between, exp.In))
        loose = isinstance(put_in, (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Case, exp.Predicate))
        return exp.Paren(this=put_in) if tight and loose and not isinstance(put_in, exp.Paren) else put_in

    return rebuild(_parse(pattern), put)


def column(name: str, table: str | None = None) -> exp.Column:
    """A column by name, quoted so that no name is a keyword."""
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(table) if table else None)


def table(name: str, alias: str | None = None) -> exp.Table:
    """A relation of the lowering by name."""
    named = exp.to_table(name)
    if alias:
        named.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    return named


def alias(node: exp.Expr, name: str) -> exp.Expr:
    """`node AS name`; a column of that very name stays bare."""
    if isinstance(node, exp.Column) and node.name == name:
        return node
    return exp.alias_(node, exp.to_identifier(name, quoted=True), copy=False)


def select(columns: Sequence[exp.Expr], source: exp.Expr | str) -> exp.Select:
    """`SELECT columns FROM source`."""
    return exp.select(*columns, copy=False).from_(table(source) if isinstance(source, str) else source, copy=False)


def both(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """All the conditions, joined by AND."""
    return exp.and_(*conditions, copy=False)


def equal(names: Sequence[str], left: str, right: str) -> exp.Expr:
    """`left.name = right.name` for every name."""
    return both([exp.EQ(this=column(name, left), expression=column(name, right)) for name in names])


def same(names: Sequence[str], left: str, right: str) -> exp.Expr:
    """As `equal`, but nulls match nulls."""
    return both([exp.NullSafeEQ(this=column(name, left), expression=column(name, right)) for name in names])


def _node(value: exp.Expr | str | int) -> exp.Expr:
    match value:
        case int():
            return exp.Literal.number(value)
        case str():
            return column(value)
        case _:
            return value


@cache
def _parse(pattern: str) -> exp.Expr:
    return sqlglot.parse_one(pattern, dialect="duckdb")
