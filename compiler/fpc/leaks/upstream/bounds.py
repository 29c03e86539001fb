"""Which of a query's columns an instant is never before, and never after: all that the proof knows of time in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

#: A column of one of the query's relations: the relation's name in the query, and the column's, both in lower case.
ColumnOf = tuple[str, str]
Bounds = frozenset[ColumnOf]

NOTHING: Final[Bounds] = frozenset()
NOTHING_MERGED: Final[frozenset[str]] = frozenset()
_UTC: Final = frozenset(("utc", "etc/utc", "gmt", "z"))
_INSTANTS: Final = frozenset(
    (
        exp.DType.DATETIME, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMPTZ,
        exp.DType.TIMESTAMP_NS,
    )
)  # fmt: skip
_MICROSECONDS: Final = 6
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

    def __init__(self, own: Relations, outer: Relations, merged: frozenset[str] = NOTHING_MERGED) -> None:
        """Hold each relation's columns by its name, None where they are not known; `outer` of the queries around.

        `merged` are the columns that relations were joined by (USING): without a qualifier, those of the first.
        """
        self._scopes = (own, {name: columns for name, columns in outer.items() if name not in own})
        self._merged = merged

    def of(self, column: exp.Column) -> ColumnOf | None:
        """The column, or None where nobody can tell whose it is."""
        name, table = column.name.casefold(), column.table.casefold()
        if table and any(table in scope for scope in self._scopes):
            return table, name
        # `payload.amount` of a table `t` is a field of its column `payload`.
        name = table or name
        for scope in self._scopes:
            owners = [relation for relation, columns in scope.items() if columns is None or name in columns]
            # Were it a column of two, the engine would refuse it.
            sure = [relation for relation in owners if scope[relation] is not None]
            if owners:
                unclear = len(owners) > 1 and len(sure) != 1 and name not in self._merged
                return None if unclear else ((sure or owners)[0], name)
        return None


def never_before(value: exp.Expr, names: Names) -> Bounds:
    """Columns whose instants `value` is never before, row by row, where they are not null.

    `GREATEST` is before none of its parts; a time cut down to its hour or day, or to a date, is before what it was
    cut from, and after it again once that hour or day is added.
    """
    match value:
        case exp.Column():
            found = names.of(value)
            return NOTHING if found is None else frozenset((found,))
        case exp.Cast() | exp.TryCast():
            return never_before(value.this, names) if _keeps_instant(value.to) else NOTHING
        case exp.Greatest():
            parts = [never_before(part, names) for part in (value.this, *value.expressions)]
            return frozenset().union(*parts)
        case exp.Coalesce():
            parts = [never_before(part, names) for part in (value.this, *value.expressions)]
            return frozenset.intersection(*parts)
        case exp.Add() | exp.DateAdd():
            return _added(value, names)
        case exp.AtTimeZone():
            return never_before(value.this, names) if _is_utc(value) else NOTHING
        case exp.Paren():
            return never_before(value.this, names)
        case _:
            return NOTHING


def never_after(value: exp.Expr, names: Names) -> Bounds:
    """Columns whose instants `value` is never after, row by row; null only if they all are."""
    match value:
        case exp.Column():
            found = names.of(value)
            return NOTHING if found is None else frozenset((found,))
        case exp.Cast() | exp.TryCast():
            is_cut = value.to.this == exp.DType.DATE
            return never_after(value.this, names) if is_cut or _keeps_instant(value.to) else NOTHING
        case exp.AtTimeZone():
            return never_after(value.this, names) if _is_utc(value) else NOTHING
        case exp.Paren() | exp.TimestampTrunc() | exp.DateTrunc() | exp.Date():
            return NOTHING if value.expressions else never_after(value.this, names)
        case exp.DateBin():
            return never_after(value.expression, names)
        case exp.Least():
            # LEAST passes over nulls: it is after none of its parts, but says nothing of one that is null.
            parts = [never_after(part, names) for part in (value.this, *value.expressions)]
            return frozenset.intersection(*parts)
        case exp.Sub() if _length(value.expression) is not None:
            return never_after(value.this, names)
        case _:
            return NOTHING


def moves_with(value: exp.Expr, names: Names) -> Bounds:
    """The one column that decides `value`, if there is one and `value` never goes down as it goes up."""
    columns = {names.of(column) for column in value.find_all(exp.Column)}
    return never_before(value, names) if len(columns) == 1 else NOTHING


def is_midnight(value: exp.Expr) -> bool:
    """Whether a time was cut down to its day."""
    cut = _cut(value)
    return cut is not None and cut[1] == "DAY"


def same_cut(low: exp.Expr, high: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """What two times were cut down from, where both were to the same unit: then `low < high` holds of these too."""
    first, second = _cut(low), _cut(high)
    if first is None or second is None or first[1:] != second[1:]:
        return None
    return first[0], second[0]


def reads_other_zone(value: exp.Expr) -> bool:
    """Whether a time is moved by a time zone: where it ends then depends on types that only the engine knows."""
    return any(not _is_utc(zone) for zone in value.find_all(exp.AtTimeZone))


def _is_utc(value: exp.AtTimeZone) -> bool:
    zone = value.args["zone"]
    return isinstance(zone, exp.Literal) and zone.name.casefold() in _UTC


def _keeps_instant(to: exp.DataType) -> bool:
    """Whether a cast to this type keeps microseconds: `TIMESTAMP_S` and `TIMESTAMP(0)` round."""
    digits = [int(part.name) for part in to.expressions if part.name.isdigit()]
    return to.this in _INSTANTS and all(number >= _MICROSECONDS for number in digits)


def delay(value: exp.Expr, names: Names) -> tuple[ColumnOf, exp.Expr] | None:
    """The column that a time is later than by a constant, and by how much: `day + INTERVAL 1 DAY`."""
    if isinstance(value, exp.Paren):
        return delay(value.this, names)
    if not isinstance(value, exp.Add | exp.DateAdd) or not isinstance(value.this, exp.Column):
        return None
    column, length = names.of(value.this), value.expression
    is_known = _length(length) is not None or (isinstance(length, exp.Literal) and _number(length) >= 0)
    return None if column is None or not is_known else (column, length)


def _added(value: exp.Expr, names: Names) -> Bounds:
    for start, length in ((value.this, value.expression), (value.expression, value.this)):
        if isinstance(length, exp.Literal):
            # To a date, days are added.
            added = _number(length) * _UNITS["DAY"] if _number(length) >= 0 else None
        else:
            added = _length(length)
        if added is None:
            continue
        cut = _cut(start)
        if cut is None:
            return never_before(start, names)
        if isinstance(length, exp.Literal) and not _is_date(start):
            return NOTHING
        what, unit = cut
        return never_before(what, names) if _covers(length, added, unit) else NOTHING
    return NOTHING


def _cut(value: exp.Expr) -> tuple[exp.Expr, str | int] | None:
    """What a time was cut down from, and to which unit, or to how many microseconds."""
    match value:
        case exp.Paren():
            return _cut(value.this)
        case exp.AtTimeZone() if _is_utc(value):
            return _cut(value.this)
        case exp.TimestampTrunc() | exp.DateTrunc():
            return value.this, str(value.args["unit"].name).upper()
        case exp.Cast() | exp.TryCast() if value.to.this == exp.DType.DATE:
            return value.this, "DAY"
        case exp.Cast() | exp.TryCast() if _keeps_instant(value.to):
            return _cut(value.this)
        case exp.Date() if value.this is not None and not value.expressions:
            return value.this, "DAY"
        case exp.DateBin():
            width = _length(value.this) if value.this is not None else None
            months = isinstance(value.this, exp.Interval) and _unit(value.this) in _SHORTEST_MONTHS
            # Others do not end at midnight.
            whole = width and (_UNITS["DAY"] % width == 0 or width % _UNITS["DAY"] == 0)
            return (value.expression, width) if width and whole and not months else None
        case _:
            return None


def _is_date(value: exp.Expr) -> bool:
    if isinstance(value, exp.Paren):
        return _is_date(value.this)
    return isinstance(value, exp.Date) or (
        isinstance(value, exp.Cast | exp.TryCast) and value.to.this == exp.DType.DATE
    )


def _covers(length: exp.Expr, added: int, unit: str | int) -> bool:
    """Whether so long a time reaches past the end of any such unit."""
    if isinstance(unit, int):
        return added >= unit
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


def _number(value: exp.Expr) -> int:
    literal = value if isinstance(value, exp.Literal) else value.this
    text = literal.name if isinstance(literal, exp.Literal) else ""
    return int(text) if text.isdecimal() else -1
