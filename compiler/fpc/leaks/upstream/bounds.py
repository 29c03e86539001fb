"""Which of a query's columns an instant is never before, and never after: all that the proof knows of time in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

#: A column of one of the query's relations: the relation's name in the query, and the column's, both in lower case.
ColumnOf = tuple[str, str]
Bounds = frozenset[ColumnOf]

NOTHING: Final[Bounds] = frozenset()
_SAME: Final = (exp.Paren, exp.AtTimeZone)
#: Microseconds of the units that are always as long.
_UNITS: Final[Mapping[str, int]] = {
    "MICROSECOND": 1, "MILLISECOND": 1_000, "SECOND": 1_000_000, "MINUTE": 60_000_000, "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000, "WEEK": 604_800_000_000, "MONTH": 2_678_400_000_000, "QUARTER": 7_948_800_000_000,
    "YEAR": 31_622_400_000_000,
}  # fmt: skip
_SHORTEST_MONTHS: Final[Mapping[str, int]] = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


Relations = Mapping[str, frozenset[str] | None]


class Names:
    """Finds the relation of each column of a query: by its qualifier, or because there is only one that it can be of.

    A query inside of another sees its own relations first.
    """

    def __init__(self, own: Relations, outer: Relations) -> None:
        """Hold each relation's columns by its name, None where they are not known; `outer` of the queries around."""
        self._scopes = (own, {name: columns for name, columns in outer.items() if name not in own})

    def of(self, column: exp.Column) -> ColumnOf | None:
        """The column, or None where nobody can tell whose it is."""
        name, table = column.name.casefold(), column.table.casefold()
        if table:
            return (table, name) if any(table in scope for scope in self._scopes) else None
        for scope in self._scopes:
            owners = [relation for relation, columns in scope.items() if columns is None or name in columns]
            if owners:
                return (owners[0], name) if len(owners) == 1 else None
        return None


def never_before(value: exp.Expr, names: Names) -> Bounds:
    """Columns whose instants `value` is never before, row by row.

    `GREATEST` is before none of its parts; a time cut down to its hour or day, or to a date, is before what it was
    cut from, and after it again once that hour or day is added.
    """
    match value:
        case exp.Column():
            found = names.of(value)
            return NOTHING if found is None else frozenset((found,))
        case exp.Cast() | exp.TryCast():
            return NOTHING if value.to.this in (exp.DType.DATE, exp.DType.TIME) else never_before(value.this, names)
        case exp.Greatest():
            parts = [never_before(part, names) for part in (value.this, *value.expressions)]
            return frozenset().union(*parts)
        case exp.Coalesce():
            parts = [never_before(part, names) for part in (value.this, *value.expressions)]
            return frozenset().union(*parts) if _one_relation(parts) else NOTHING
        case exp.Add():
            return _added(value, names)
        case exp.Paren() | exp.AtTimeZone():
            return never_before(value.this, names)
        case _:
            return NOTHING


def never_after(value: exp.Expr, names: Names) -> Bounds:
    """Columns whose instants `value` is never after, row by row."""
    match value:
        case exp.Column():
            found = names.of(value)
            return NOTHING if found is None else frozenset((found,))
        case exp.Cast() | exp.TryCast() | exp.Paren() | exp.AtTimeZone():
            return never_after(value.this, names)
        case exp.Least():
            parts = [never_after(part, names) for part in (value.this, *value.expressions)]
            return frozenset().union(*parts)
        case exp.TimestampTrunc() | exp.DateTrunc():
            return never_after(value.this, names)
        case exp.Sub() if _length(value.expression) is not None:
            return never_after(value.this, names)
        case _:
            return NOTHING


def _added(value: exp.Add, names: Names) -> Bounds:
    for start, length in ((value.this, value.expression), (value.expression, value.this)):
        added = _length(length)
        if added is None:
            continue
        inner = start.this if isinstance(start, _SAME) else start
        cut = _cut(inner)
        if cut is None:
            return never_before(start, names)
        what, unit = cut
        return never_before(what, names) if _covers(length, added, unit) else NOTHING
    return NOTHING


def _cut(value: exp.Expr) -> tuple[exp.Expr, str] | None:
    """What a time was cut down from, and to which unit."""
    if isinstance(value, exp.TimestampTrunc | exp.DateTrunc):
        return value.this, str(value.args["unit"].name).upper()
    if isinstance(value, exp.Cast | exp.TryCast):
        if value.to.this == exp.DType.DATE:
            return value.this, "DAY"
        return _cut(value.this)
    if isinstance(value, exp.Date) and value.this is not None and not value.expressions:
        return value.this, "DAY"
    return None


def _covers(length: exp.Expr, added: int, unit: str) -> bool:
    """Whether so long a time reaches past the end of any such unit."""
    months = _SHORTEST_MONTHS.get(unit)
    if months is not None and isinstance(length, exp.Interval):
        own = _SHORTEST_MONTHS.get(_unit(length))
        if own is not None:
            return own * _number(length) >= months
    return added >= _UNITS.get(unit, 1 << 62)


def _length(value: exp.Expr) -> int | None:
    """The microseconds of a constant interval that does not go back; None for anything else.

    Of months it is the fewest that they may have.
    """
    if not isinstance(value, exp.Interval):
        return None
    unit, number = _unit(value), _number(value)
    if unit not in _UNITS or number < 0:
        return None
    days = 28 * _SHORTEST_MONTHS[unit] if unit in _SHORTEST_MONTHS else None
    return number * (_UNITS[unit] if days is None else days * _UNITS["DAY"])


def _unit(value: exp.Interval) -> str:
    return str(value.unit or "").upper().removesuffix("S")


def _number(value: exp.Interval) -> int:
    text = "" if value.this is None else str(value.this.name)
    return int(text) if text.isdigit() else -1


def _one_relation(parts: list[Bounds]) -> bool:
    """Whether each part is bounded, and all by one relation: then whichever stands is of that relation."""
    relations = [{relation for relation, _ in part} for part in parts]
    return all(relations) and len(set().union(*relations)) == 1
