"""SQL text for people: dbt Labs' style, lower case, four spaces, lines of at most 80 characters where possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sqlglot import exp

from fpc.sql.dialect import flat, spell
from fpc.sql.engines import BY_NAME
from fpc.sql.wrapping import INDENT, WIDTH, width, wrap


def render(query: exp.Expr, engine: str = "duckdb") -> str:
    """The query (or expression) as text, ending in a newline, with each CTE's comment on the lines above it.

    Raises `ValueError` for an engine that cannot run it; a target with such an engine is refused long before.

    >>> from sqlglot import parse_one
    >>> print(render(parse_one("SELECT A, COUNT(*) AS n FROM t WHERE NOT B IS NULL GROUP BY 1")), end="")
    select
        a,
        count(*) as n
    from t
    where b is not null
    group by 1
    """
    refusals = BY_NAME[engine].refusals(query)
    if refusals:
        raise ValueError("; ".join(refusals))
    return "\n".join(_query(spell(query), "")) + "\n"


def _query(query: exp.Expr, indent: str) -> list[str]:
    lines: list[str] = []
    ctes = query.ctes if isinstance(query, exp.Query) else []
    if ctes:
        lines += [f"{indent}with", ""]
        for cte, following in zip(ctes, [*ctes[1:], None], strict=True):
            lines += _comment(cte.comments or (), indent)
            lines += [f"{indent}{flat(cte.args['alias'])} as (", *_query(cte.this, indent + INDENT)]
            lines += [f"{indent})" if following is None else f"{indent}),", ""]
    if isinstance(query, exp.Select):
        return lines + _select(query, indent)
    if isinstance(query, exp.SetOperation):
        operator = f"{query.key}{'' if query.args.get('distinct') else ' all'}"
        return [*lines, *_query(query.left, indent), f"{indent}{operator}", *_query(query.right, indent)]
    return lines + wrap(flat(query), indent)


def _comment(comments: Sequence[str], indent: str) -> Iterator[str]:
    for comment in comments:
        line = f"{indent}--"
        for word in comment.split():
            if len(line) + 1 + len(word) > WIDTH:
                yield line
                line = f"{indent}--"
            line += f" {word}"
        yield line


def _select(select: exp.Select, indent: str) -> list[str]:
    distinct = " distinct" if select.args.get("distinct") else ""
    lines = _list(f"select{distinct}", select.expressions, indent)
    source = select.args.get("from_")
    if source is not None:
        lines += _relation("from", source.this, indent)
    for join in select.args.get("joins") or ():
        lines += _join(join, indent)
    lines += _condition("where", select, indent)
    if (group := select.args.get("group")) is not None:
        lines += wrap(f"group by {', '.join(map(flat, group.expressions))}", indent)
    lines += _condition("having", select, indent)
    lines += _condition("qualify", select, indent)
    if (order := select.args.get("order")) is not None:
        lines += _list("order by", order.expressions, indent, one_line=True)
    if (limit := select.args.get("limit")) is not None:
        lines.append(indent + flat(limit).strip())
    return lines


def _list(keyword: str, items: Sequence[exp.Expr], indent: str, *, one_line: bool = False) -> list[str]:
    """The keyword and its items, each on a line of its own unless there is but one and it is short."""
    if len(items) == 1 or one_line:
        line = f"{indent}{keyword} {', '.join(map(flat, items))}"
        if width(line) <= WIDTH:
            return [line]
    lines = [indent + keyword]
    for item, following in pairwise([*items, None]):
        assert item is not None
        lines += wrap(flat(item), indent + INDENT, "" if following is None else ",")
    return lines


def _relation(keyword: str, relation: exp.Expr, indent: str) -> list[str]:
    if isinstance(relation, exp.Subquery):
        alias = f" as {flat(relation.args['alias'])}" if relation.args.get("alias") else ""
        return [f"{indent}{keyword} (", *_query(relation.this, indent + INDENT), f"{indent}){alias}"]
    return wrap(f"{keyword} {flat(relation)}", indent)


def _join(join: exp.Join, indent: str) -> list[str]:
    kind = " ".join(
        part.lower() for part in (join.method, join.side, join.kind or ("" if join.side else "inner")) if part
    )
    lines = _relation(f"{kind} join", join.this, indent)
    if using := join.args.get("using"):
        return [*lines[:-1], f"{lines[-1]} using ({', '.join(map(flat, using))})"]
    condition = join.args.get("on")
    if condition is None:
        return lines
    joined = f"{lines[-1]} on {flat(condition)}"
    return [*lines[:-1], joined] if width(joined) <= WIDTH else [*lines, *_conjuncts("on", condition, indent + INDENT)]


def _condition(keyword: str, select: exp.Select, indent: str) -> list[str]:
    clause = select.args.get(keyword)
    return [] if clause is None else _conjuncts(keyword, clause.this, indent)


def _conjuncts(keyword: str, condition: exp.Expr, indent: str) -> list[str]:
    parts = list(condition.flatten(unnest=False)) if isinstance(condition, exp.And) else [condition]
    line = f"{indent}{keyword} {flat(condition)}"
    if len(parts) == 1 and width(line) <= WIDTH:
        return [line]
    lines = [indent + keyword]
    for place, part in enumerate(parts):
        lines += wrap(f"{'and ' if place else ''}{flat(part)}", indent + INDENT)
    return lines
