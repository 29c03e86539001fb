"""Small SQL trees made by hand: fast, because nothing is parsed and nothing is copied twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from sqlglot import exp

from fpc.types.logical import LogicalType


def rebuild(tree: exp.Expr, put: Callable[[exp.Expr], exp.Expr | None]) -> exp.Expr:
    """A copy of the tree in which `put` decides, from the top down, what stands in a node's place (None: the node).

    Positions and types of the original are dropped, comments are kept. Several times faster than `transform`, which
    copies the positions of every identifier.

    >>> from sqlglot import parse_one
    >>> rebuild(parse_one("a + b"), lambda node: exp.Null() if node.name == "a" else None).sql()
    'NULL + b'
    """
    found = put(tree)
    if found is not None:
        return found
    args: dict[str, object] = {}
    for key, value in tree.args.items():
        if isinstance(value, exp.Expr):
            args[key] = rebuild(value, put)
        elif value.__class__ is list:
            args[key] = [rebuild(item, put) if isinstance(item, exp.Expr) else item for item in value]
        else:
            args[key] = value
    copy = tree.__class__(**args)
    if tree.comments:
        copy.comments = list(tree.comments)
    return copy


def clone(tree: exp.Expr) -> exp.Expr:
    """A copy of the tree without positions and types."""
    return rebuild(tree, _nothing)


def own(tree: exp.Expr) -> exp.Expr:
    """The tree itself where it stands alone, and a copy where it is part of another: no node stands in two places.

    The roots of the model's trees stand alone, too: clone what comes from the model.
    """
    return tree if tree.parent is None else clone(tree)


def column(name: str) -> exp.Column:
    """A column by name."""
    return exp.Column(this=exp.to_identifier(name))


def named(expression: exp.Expr, name: str) -> exp.Expr:
    """`expression as name`; a column of that very name stays bare."""
    if isinstance(expression, exp.Column) and expression.name == name:
        return expression
    return exp.Alias(this=expression, alias=exp.to_identifier(name))


def cast(expression: exp.Expr, to: LogicalType) -> exp.Cast:
    """`cast(expression as to)`."""
    return exp.Cast(this=expression, to=data_type(str(to)))


def data_type(text: str) -> exp.Expr:
    """A type by DuckDB's name."""
    return clone(_data_type(text))


def is_null(expression: exp.Expr) -> exp.Is:
    """`expression is null`."""
    return exp.Is(this=expression, expression=exp.Null())


def is_not_null(expression: exp.Expr) -> exp.Not:
    """`expression is not null`."""
    return exp.Not(this=is_null(expression))


def conjunction(*conditions: exp.Expr | None) -> exp.Expr | None:
    """All the conditions that are there, joined by AND, None of none; those that stand alone are taken over."""
    joined: exp.Expr | None = None
    for condition in conditions:
        if condition is not None:
            part = exp.Paren(this=own(condition)) if isinstance(condition, (exp.Or, exp.Xor)) else own(condition)
            joined = part if joined is None else exp.And(this=joined, expression=part)
    return joined


def disjunction(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """All the conditions, at least one, joined by OR; the nodes are taken over."""
    first, *others = conditions
    joined: exp.Expr = first
    for condition in others:
        joined = exp.Or(this=joined, expression=condition)
    return joined


def select(
    columns: Iterable[exp.Expr],
    source: str | exp.Table | None = None,
    *,
    where: Iterable[exp.Expr] = (),
    group_by: int = 0,
    order_by: int = 0,
) -> exp.Select:
    """`select columns from source where ... group by 1, 2 ... order by 1 ...`; the nodes are taken over, not copied.

    `group_by` and `order_by` say how many of the first columns.
    """
    query = exp.Select(expressions=list(columns))
    if source is not None:
        table = exp.Table(this=exp.to_identifier(source)) if isinstance(source, str) else clone(source)
        query.set("from_", exp.From(this=table))
    condition = conjunction(*where)
    if condition is not None:
        query.set("where", exp.Where(this=condition))
    if group_by:
        query.set("group", exp.Group(expressions=[exp.Literal.number(n + 1) for n in range(group_by)]))
    if order_by:
        ordered = [exp.Ordered(this=exp.Literal.number(n + 1)) for n in range(order_by)]
        query.set("order", exp.Order(expressions=ordered))
    return query


def join(query: exp.Select, kind: str, relation: str | exp.Table, on: exp.Expr) -> exp.Select:
    """The query itself, joined with a relation; `kind` is `left` or `full`, and the nodes are taken over."""
    table = exp.Table(this=exp.to_identifier(relation)) if isinstance(relation, str) else own(relation)
    query.append("joins", exp.Join(this=table, side=kind, on=on))
    return query


def with_steps(query: exp.Select, steps: Mapping[str, exp.Select], comments: Mapping[str, str]) -> exp.Select:
    """The query behind its steps as CTEs, each with its comment where there is one; the nodes are taken over."""
    ctes = []
    for name, step in steps.items():
        cte = exp.CTE(this=step, alias=exp.TableAlias(this=exp.to_identifier(name)))
        cte.comments = [comments[name]] if name in comments else None
        ctes.append(cte)
    query.set("with_", exp.With(expressions=ctes))
    return query


def _nothing(node: exp.Expr) -> exp.Expr | None:
    return None


@cache
def _data_type(text: str) -> exp.DataType:
    return exp.DataType.build(text, dialect="duckdb")
