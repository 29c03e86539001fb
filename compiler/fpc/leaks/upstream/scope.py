"""Which query a name in FROM stands for, and what the columns of a query are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from fpc.leaks.upstream.selects import plain


@dataclass(frozen=True, slots=True)
class Named:
    """A query of WITH, its columns called as WITH calls them, and the names that it sees itself.

    Within a recursive one its own name stands for the rows so far: then `assumed` are the columns at the latest of
    which these are taken to be known, and there is nothing to read.
    """

    query: exp.Expr
    sees: Scope
    recursive: bool = False
    assumed: frozenset[str] | None = None


#: By name in lower case. A query sees those before it, and those of the queries around it; itself if it is recursive.
Scope = Mapping[str, Named]


def extended(scope: Scope, query: exp.Query) -> Scope:
    """The names that a query sees, with those of its own WITH."""
    with_ = query.args.get("with_")
    if with_ is None:
        return scope
    found = dict(scope)
    for cte in with_.expressions:
        name = cte.alias.casefold()
        tables = cte.this.find_all(exp.Table) if with_.args.get("recursive") else ()
        reads_itself = any(table.name.casefold() == name and not table.db for table in tables)
        found[name] = Named(renamed(cte.this, cte.args.get("alias")), dict(found), reads_itself)
    return found


def renamed(query: exp.Expr, alias: exp.Expr | None) -> exp.Expr:
    """The query, its columns called as the alias lists them: `q(a, b) AS (SELECT ...)`, `(SELECT ...) AS q(a, b)`.

    Null where that cannot be said, since the query hands on columns that it does not list.
    """
    names = [] if alias is None else [column.name for column in alias.args.get("columns") or ()]
    if not names or not isinstance(query, exp.Query):
        return query
    copy = query.copy()
    first = plain(copy)
    while isinstance(first, exp.SetOperation) and not first.args.get("by_name"):
        first = plain(first.left)
    if not isinstance(first, exp.Select):
        return exp.Null()
    start = first.args.get("from_")
    if isinstance(first.expressions[0], exp.Star) and start is not None and isinstance(start.this, exp.Values):
        start.this.args["alias"].set("columns", [exp.to_identifier(name, quoted=True) for name in names])
        return copy
    if any(part.is_star for part in first.expressions):
        return exp.Null()
    parts = list(first.expressions)
    for place, name in enumerate(names[: len(parts)]):
        value = parts[place].this if isinstance(parts[place], exp.Alias) else parts[place]
        parts[place] = exp.alias_(value, name, quoted=True)
    first.set("expressions", parts)
    return copy


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of a relation's columns in their order, in lower case; `all`, if there are no others."""

    names: tuple[str, ...] = ()
    all: bool = False


def columns_of(query: exp.Expr, scope: Scope) -> Columns:
    """The columns that a query says it has."""
    if not isinstance(query, exp.Query):
        return Columns()
    scope = extended(scope, query)
    if isinstance(query, exp.Subquery):
        return columns_of(query.this, scope)
    if isinstance(query, exp.SetOperation) and not query.args.get("by_name"):
        return columns_of(query.left, scope)
    if not isinstance(query, exp.Select):
        return Columns()
    parts = [
        _starred(part, query, scope) if part.is_star else Columns((part.alias_or_name.casefold(),), all=True)
        for part in query.expressions
    ]
    return _joined(parts)


def columns_in_from(item: exp.Expr, scope: Scope) -> Columns:
    """The columns that a relation in FROM says it has."""
    alias = item.args.get("alias")
    if isinstance(item, exp.Table) and not item.db and item.name.casefold() in scope:
        named = scope[item.name.casefold()]
        return columns_of(renamed(named.query, alias), named.sees)
    if isinstance(item, exp.Subquery | exp.Lateral):
        return columns_of(renamed(item.this, alias), scope)
    if isinstance(item, exp.Values | exp.Unnest) and alias is not None and alias.args.get("columns"):
        return Columns(tuple(column.name.casefold() for column in alias.args["columns"]), all=True)
    return Columns()


def _starred(part: exp.Expr, select: exp.Select, scope: Scope) -> Columns:
    """What a star stands for; one that changes columns as it takes them is not looked into."""
    star = part.this if isinstance(part, exp.Column) else part
    start, joins = select.args.get("from_"), select.args.get("joins") or ()
    if start is None or any(star.args.get(key) for key in ("except_", "replace", "rename")):
        return Columns()
    of = part.table.casefold() if isinstance(part, exp.Column) else ""
    items = [item for item in (start.this, *(join.this for join in joins)) if of in ("", item.alias_or_name.casefold())]
    found = _joined([columns_in_from(item, scope) for item in items])
    merges = any(join.args.get("using") or join.method or join.kind for join in joins)
    return Columns(found.names, all=found.all and not merges)


def _joined(parts: Sequence[Columns]) -> Columns:
    return Columns(tuple(name for part in parts for name in part.names), all(part.all for part in parts))
