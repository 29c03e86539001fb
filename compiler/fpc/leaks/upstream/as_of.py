"""What a query's conditions say of time: which relations they hold to be known by the times of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.leaks.upstream.bounds import Bounds, ColumnOf, Names, delay, is_midnight, never_after, never_before, same_cut
from fpc.leaks.upstream.scope import Columns

_COMPARED: Final[Mapping[type[exp.Expr], tuple[str, str]]] = {
    exp.LT: ("this", "expression"),
    exp.LTE: ("this", "expression"),
    exp.GT: ("expression", "this"),
    exp.GTE: ("expression", "this"),
    exp.EQ: ("this", "expression"),
}
_NEVER: Final = 2100
_DAY: Final = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY"))

#: By how much the instants of columns may be put off and still be no later than the row's.
Delays = Mapping[ColumnOf, exp.Expr]


@dataclass(frozen=True, slots=True)
class From:
    """One relation of FROM: what it is called in the query, how it is joined, and the columns that it says it has."""

    name: str
    item: exp.Expr
    join: exp.Join | None
    says: Columns

    @property
    def columns(self) -> frozenset[str] | None:
        """Its columns, in lower case; None where it does not say them all."""
        return frozenset(self.says.names) if self.says.all else None

    @property
    def side(self) -> str:
        """Which rows stay without a match: LEFT, RIGHT, FULL or nothing."""
        return "" if self.join is None else str(self.join.side or "").upper()

    @property
    def kind(self) -> str:
        """INNER, CROSS, SEMI, ANTI or nothing."""
        return "" if self.join is None else str(self.join.kind or "").upper()

    @property
    def method(self) -> str:
        """ASOF, NATURAL, POSITIONAL or nothing."""
        return "" if self.join is None else str(self.join.method or "").upper()

    @property
    def using(self) -> list[str]:
        """The columns of one name by which it is joined, in lower case."""
        return [] if self.join is None else [name.name.casefold() for name in self.join.args.get("using") or ()]


def closure(
    select: exp.Select, froms: list[From], names: Names, bounds: Bounds
) -> tuple[Bounds, frozenset[str], Delays]:
    """The bounds with what the conditions add; the relations whose rows a condition holds to be known by then; and by
    how much a column's instant is even earlier.
    """
    conditions: list[tuple[From | None, exp.Expr]] = []
    conditions += [(found, condition) for found in froms for condition in _conjuncts(_on(found))]
    where = select.args.get("where")
    conditions += [(None, condition) for condition in _conjuncts(None if where is None else where.this)]
    pairs = [(found, low, high) for found, condition in conditions for low, high in _not_after(condition)]
    pairs += [pair for place, found in enumerate(froms) for pair in _by_using(found, froms[:place])]
    as_of: set[str] = set()
    delays: dict[ColumnOf, exp.Expr] = {}
    while True:
        before = len(bounds), len(as_of)
        for found, low, high in pairs:
            highs = never_after(high, names)
            if not highs & bounds:
                continue
            earlier = frozenset(one for one in never_before(low, names) if _holds_of(found, one[0]))
            as_of |= {relation for relation, _ in earlier if relation not in {name for name, _ in highs}}
            bounds |= earlier
            later = delay(low, names)
            if later is not None and later[0] in earlier:
                delays.setdefault(*later)
        if before == (len(bounds), len(as_of)):
            return bounds, frozenset(as_of), delays


def _holds_of(found: From | None, relation: str) -> bool:
    """Whether a join's condition holds of all rows of a relation that are left, and not of the matching ones alone."""
    if found is None or not (found.side or found.kind == "ANTI"):
        return True
    if found.side == "RIGHT":
        return relation != found.name
    return relation == found.name and found.side != "FULL"


def _by_using(found: From, before: list[From]) -> Iterator[tuple[From, exp.Expr, exp.Expr]]:
    """What joining by columns of one name says of time; the last one of an ASOF join is not after its other."""
    columns = found.using
    for name in columns:
        first = next((one for one in before if one.columns is None or name in one.columns), None)
        if first is None:
            continue
        here, there = (exp.column(name, table=one.name, quoted=True) for one in (found, first))
        yield found, here, there
        if not (found.method == "ASOF" and name == columns[-1]):
            yield found, there, here


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
    if isinstance(condition, exp.Between) and not condition.args.get("symmetric"):
        yield condition.args["low"], condition.this
        yield condition.this, condition.args["high"]
        return
    sides = _COMPARED.get(type(condition))
    if sides is not None:
        low, high = (condition.args[side] for side in sides)
        yield low, high
        if isinstance(condition, exp.EQ):
            yield high, low
        if isinstance(condition, exp.LT | exp.GT):
            uncut = same_cut(low, high)
            if uncut is not None:
                yield uncut
            if is_midnight(high) and isinstance(low, exp.Column):
                # A day before another has ended by then; of a time within a day, this says only that it is before.
                yield exp.Add(this=low.copy(), expression=_DAY.copy()), high


def is_settled(node: exp.Expr, bounds: Bounds, names: Names) -> bool:
    """Whether a condition stays as it was, whatever comes: a time is missing, or is after one of the row's own.

    `o.ordered_at < p.valid_to OR p.valid_to IS NULL`, or the same by COALESCE with a time that never comes. A version
    that is still valid has no end at first and gets one after everything that was known by then, so the condition
    holds before and after.
    """
    if isinstance(node, exp.Paren):
        return is_settled(node.this, bounds, names)
    if isinstance(node, exp.Or):
        for missing, compared in ((node.this, node.expression), (node.expression, node.this)):
            if isinstance(missing, exp.Is) and isinstance(missing.expression, exp.Null):
                later = _later(compared, bounds, names)
                if isinstance(later, exp.Column) and later == missing.this:
                    return True
        return False
    later = _later(node, bounds, names)
    return (
        isinstance(later, exp.Coalesce)
        and isinstance(later.this, exp.Column)
        and all(_never_comes(part) for part in later.expressions)
    )


def _never_comes(value: exp.Expr) -> bool:
    """Whether a constant is after every event: a year from 2100 on, infinity, or the clock, which is after its rows."""
    if isinstance(value, exp.Cast | exp.TryCast | exp.Paren):
        return _never_comes(value.this)
    if isinstance(value, exp.CurrentTimestamp):
        return True
    text = value.name.strip().casefold() if isinstance(value, exp.Literal) else ""
    return text == "infinity" or (text[:4].isdecimal() and text[4:5] == "-" and int(text[:4]) >= _NEVER)


def _later(node: exp.Expr, bounds: Bounds, names: Names) -> exp.Expr | None:
    """What a comparison holds to be after a time of the row's own."""
    if not isinstance(node, exp.LT | exp.LTE | exp.GT | exp.GTE):
        return None
    low, high = (node.args[side] for side in _COMPARED[type(node)])
    return high if never_after(low, names) & bounds else None
