"""Small questions about a SELECT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp


def plain(query: exp.Expr) -> exp.Query:
    """The query inside its parentheses."""
    while isinstance(query, exp.Subquery):
        query = query.this
    assert isinstance(query, exp.Query)
    return query


def outputs_of(select: exp.Select) -> dict[str, exp.Expr]:
    """The columns that the query names, by name in lower case, each over FROM's columns alone."""
    outputs: dict[str, exp.Expr] = {}
    for part in select.expressions:
        if part.is_star:
            continue
        value = part.this if isinstance(part, exp.Alias) else part
        outputs[part.alias_or_name.casefold()] = _expanded(value, outputs)
    return outputs


def _expanded(value: exp.Expr, aliases: Mapping[str, exp.Expr]) -> exp.Expr:
    """The expression with columns that this very query named before put in."""

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table:
            found = aliases.get(node.name.casefold())
            if found is not None and not isinstance(found, exp.Column):
                return exp.Paren(this=found.copy())
        return node

    return value.transform(put) if aliases else value


def is_starred(select: exp.Select, relation: str) -> bool:
    """Whether all columns of a relation are handed on."""
    for part in select.expressions:
        if isinstance(part, exp.Star):
            return True
        if part.is_star and isinstance(part, exp.Column) and part.table.casefold() == relation:
            return True
    return False


def aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """The aggregate calls of an expression that make it one of a group: not those over windows or in subqueries."""
    for part in node.walk(prune=lambda inner: isinstance(inner, exp.Window | exp.Query)):
        if isinstance(part, exp.AggFunc):
            yield part
