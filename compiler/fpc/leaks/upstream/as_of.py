"""What a query's conditions say of time: which relations they hold to be known by the times of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.leaks.upstream.bounds import NOTHING, Bounds, Names, never_after, never_before

_COMPARED: Final[Mapping[type[exp.Expr], tuple[str, str]]] = {
    exp.LT: ("this", "expression"),
    exp.LTE: ("this", "expression"),
    exp.GT: ("expression", "this"),
    exp.GTE: ("expression", "this"),
    exp.EQ: ("this", "expression"),
}


@dataclass(frozen=True, slots=True)
class From:
    """One relation of FROM: what it is called in the query, how it is joined, and its columns where they are known."""

    name: str
    item: exp.Expr
    join: exp.Join | None
    columns: frozenset[str] | None

    @property
    def side(self) -> str:
        """Which rows stay without a match: LEFT, RIGHT, FULL or nothing."""
        return "" if self.join is None else str(self.join.side or "").upper()

    @property
    def kind(self) -> str:
        """INNER, CROSS, SEMI, ANTI or nothing."""
        return "" if self.join is None else str(self.join.kind or "").upper()


def closure(
    select: exp.Select, froms: list[From], names: Names, bounds: Bounds, latest: Bounds
) -> tuple[Bounds, Bounds, frozenset[str]]:
    """The bounds with what the conditions add, and the relations whose rows a condition holds to be known by then."""
    conditions: list[tuple[From | None, exp.Expr]] = []
    conditions += [(found, condition) for found in froms for condition in _conjuncts(_on(found))]
    where = select.args.get("where")
    conditions += [(None, condition) for condition in _conjuncts(None if where is None else where.this)]
    pairs = [(found, low, high) for found, condition in conditions for low, high in _not_after(condition)]
    as_of: set[str] = set()
    while True:
        before = len(bounds), len(latest), len(as_of)
        for found, low, high in pairs:
            highs = never_after(high, names)
            if not highs & bounds:
                continue
            earlier = never_before(low, names)
            if found is not None and found.side in ("LEFT", "FULL"):
                earlier = frozenset(one for one in earlier if one[0] == found.name)
            as_of |= {relation for relation, _ in earlier if relation not in {name for name, _ in highs}}
            bounds |= earlier
            latest |= earlier if highs & latest else NOTHING
        if before == (len(bounds), len(latest), len(as_of)):
            return bounds, latest, frozenset(as_of)


def _on(found: From) -> exp.Expr | None:
    return None if found.join is None else found.join.args.get("on")


def _conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    if condition is None:
        return
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    elif isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    else:
        yield condition


def _not_after(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Pairs of which the condition says that the first is not after the second."""
    if isinstance(condition, exp.Between):
        yield condition.args["low"], condition.this
        yield condition.this, condition.args["high"]
        return
    sides = _COMPARED.get(type(condition))
    if sides is not None:
        low, high = (condition.args[side] for side in sides)
        yield low, high
        if isinstance(condition, exp.EQ):
            yield high, low


def is_settled(node: exp.Expr, bounds: Bounds, names: Names) -> bool:
    """Whether a condition stays as it was, whatever comes: a time is missing, or is after one of the row's own.

    `o.ordered_at < p.valid_to OR p.valid_to IS NULL`, or the same by COALESCE. A version that is still valid has no end
    at first and gets one after everything that was known by then, so the condition holds before and after.
    """
    if isinstance(node, exp.Paren):
        return is_settled(node.this, bounds, names)
    if isinstance(node, exp.Or):
        for missing, compared in ((node.this, node.expression), (node.expression, node.this)):
            if isinstance(missing, exp.Is) and isinstance(missing.expression, exp.Null):
                later = _later(compared, bounds, names)
                if later is not None and later == missing.this:
                    return True
        return False
    later = _later(node, bounds, names)
    return isinstance(later, exp.Coalesce) and all(
        isinstance(part, exp.Literal | exp.Cast) for part in later.expressions
    )


def _later(node: exp.Expr, bounds: Bounds, names: Names) -> exp.Expr | None:
    """What a comparison holds to be after a time of the row's own."""
    if not isinstance(node, exp.LT | exp.LTE | exp.GT | exp.GTE):
        return None
    low, high = (node.args[side] for side in _COMPARED[type(node)])
    return high if never_after(low, names) & bounds else None
