"""Small questions about a SELECT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlglot import exp

_MOST_CHOICES: Final = 8


def plain(query: exp.Expr) -> exp.Query:
    """The query inside its parentheses."""
    while isinstance(query, exp.Subquery):
        query = query.this
    assert isinstance(query, exp.Query)
    return query


def outputs_of(select: exp.Select, froms: Mapping[str, Iterable[str]]) -> dict[str, exp.Expr]:
    """The columns that the query is known to have, by name in lower case, each over FROM's columns alone.

    Of outputs with one name the first bears it, and a column of FROM hides an output of its name. `froms` are the
    columns that its relations say they have; they also have those that the query reads of them.
    """
    seen = _read_of(select, froms)
    outputs: dict[str, exp.Expr] = {}
    aliases: dict[str, exp.Expr] = {}
    hidden = {name for columns in seen.values() for name in columns}
    for part in select.expressions:
        if part.is_star:
            for name, value in _handed_on(part, seen):
                outputs.setdefault(name, value)
            continue
        value = part.this if isinstance(part, exp.Alias) else part
        name = part.alias_or_name.casefold()
        full = _expanded(value, aliases)
        outputs.setdefault(name, full)
        hidden |= {column.name.casefold() for column in full.find_all(exp.Column)}
        if name not in hidden:
            aliases.setdefault(name, full)
    return outputs


def _read_of(select: exp.Select, froms: Mapping[str, Iterable[str]]) -> dict[str, dict[str, exp.Column]]:
    """The columns of each relation: those that are known, and those that the query reads by the relation's name."""
    seen: dict[str, dict[str, exp.Column]] = {
        name: {column: exp.column(column, table=name, quoted=True) for column in columns}
        for name, columns in froms.items()
    }
    for column in select.find_all(exp.Column):
        own = seen.get(column.table.casefold())
        if own is not None and not column.is_star:
            own.setdefault(column.name.casefold(), column)
    return seen


def _handed_on(star: exp.Expr, seen: Mapping[str, Mapping[str, exp.Column]]) -> Iterator[tuple[str, exp.Expr]]:
    """What a star is known to hand on: other values and names that it gives, and columns of its relations."""
    of = star.table.casefold() if isinstance(star, exp.Column) else ""
    changes = (star.this if isinstance(star, exp.Column) else star).args
    renames = changes.get("rename") or ()
    taken = {column.name.casefold() for column in (*(changes.get("except_") or ()), *(one.this for one in renames))}
    for alias in (*(changes.get("replace") or ()), *renames):
        value = alias.this.copy()
        if of and isinstance(value, exp.Column) and not value.table:
            value.set("table", exp.to_identifier(of, quoted=True))
        yield alias.alias.casefold(), value
    for relation, columns in seen.items():
        for name, column in columns.items() if not of or relation == of else ():
            if name not in taken:
                yield name, column


def _expanded(value: exp.Expr, aliases: Mapping[str, exp.Expr]) -> exp.Expr:
    """The expression with columns that this very query named before put in."""

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table:
            found = aliases.get(node.name.casefold())
            if found is not None:
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


def is_pattern(part: exp.Expr) -> bool:
    """Whether an output stands for columns that it does not name, other than by a plain star: `COLUMNS('x.*')`."""
    if part.is_star:
        return False
    for node in part.walk(prune=lambda inner: isinstance(inner, exp.Query)):
        if isinstance(node, exp.Columns | exp.Unnest | exp.Explode):
            return True
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            return True
    return False


def aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """The aggregate calls of an expression that make it one of a group: not those over windows or in subqueries."""
    for part in node.walk(prune=lambda inner: isinstance(inner, exp.Window | exp.Query)):
        if isinstance(part, exp.AggFunc):
            yield part


def group_keys(select: exp.Select) -> Iterator[exp.Expr]:
    """What the rows are grouped by, places and ALL spelled out."""
    group = select.args.get("group")
    if group is None:
        return
    if group.args.get("all"):
        yield from (part for part in select.expressions if next(aggregates(part), None) is None)
    for key in group.expressions:
        place = int(key.name) if isinstance(key, exp.Literal) and key.name.isdigit() else 0
        yield select.expressions[place - 1] if 0 < place <= len(select.expressions) else key
    for several in ("rollup", "cube", "grouping_sets"):
        yield from (one for one in group.args.get(several) or () if isinstance(one, exp.Expr))


def choices(value: exp.Expr) -> tuple[exp.Expr, ...]:
    """The values of which an expression is one, row by row; itself where it does not choose."""
    match value:
        case exp.Paren():
            return choices(value.this)
        case exp.Cast() | exp.TryCast() if len(inner := choices(value.this)) > 1:
            return tuple(exp.Cast(this=one.copy(), to=value.to.copy()) for one in inner)
        case exp.Coalesce():
            parts = [value.this, *value.expressions]
        case exp.Case():
            parts = [*(one.args["true"] for one in value.args["ifs"]), value.args.get("default")]
        case exp.If():
            parts = [value.args["true"], value.args.get("false")]
        case _:
            return (value,)
    found = [one for part in parts if part is not None for one in choices(part) if not isinstance(one, exp.Null)]
    return tuple(found) if 0 < len(found) <= _MOST_CHOICES else (value,)
