"""Features as a spec writes them: aggregates and scalar SQL around them, each with its Python for the oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from tests.differential.dice import Dice
from tests.differential.scalar import NUMBERS, Scalar, microseconds
from tests.oracle.oracle import Call

#: Functions and how `sql:` spells them; {x} is the argument and {p} the constant.
OF_ANYTHING = {
    "count": ("COUNT({x})",),
    "count_distinct": ("COUNT(DISTINCT {x})",),
    "approx_count_distinct": ("APPROX_COUNT_DISTINCT({x})",),
    "min": ("MIN({x})",),
    "max": ("MAX({x})",),
    "first": ("FIRST({x})",),
    "last": ("LAST({x})",),
    "first_k": ("FIRST_K({x}, {p})",),
    "last_k": ("LAST_K({x}, {p})",),
    "top_k": ("TOP_K({x}, {p})",),
    "mode": ("MODE({x})",),
}
OF_NUMBERS = {
    "sum": ("SUM({x})",),
    "avg": ("AVG({x})",),
    "stddev": ("STDDEV({x})", "STDDEV_SAMP({x})"),
    "variance": ("VARIANCE({x})", "VAR_SAMP({x})"),
    "stddev_pop": ("STDDEV_POP({x})",),
    "var_pop": ("VAR_POP({x})",),
    "median": ("MEDIAN({x})",),
    "percentile": ("PERCENTILE({x}, {p})", "QUANTILE_CONT({x}, {p})"),
    "approx_percentile": ("APPROX_PERCENTILE({x}, {p})", "APPROX_QUANTILE({x}, {p})"),
}
OF_BOOLEANS = {"any": ("BOOL_OR({x})",), "all": ("BOOL_AND({x})",)}
COUNTS = ("count", "count_distinct", "approx_count_distinct")
LISTS = ("first_k", "last_k", "top_k")
DOUBLES = ("avg", "stddev", "variance", "stddev_pop", "var_pop", "median", "percentile", "approx_percentile")


class Aggregate(NamedTuple):
    """One aggregate call: its SQL, its result's family of types, and the oracle's twin."""

    sql: str
    kind: str
    call: Call


class Formula(NamedTuple):
    """Scalar SQL over aggregates, and its Python over their values and the instant."""

    sql: str
    kind: str
    calls: tuple[Call, ...]
    finish: Callable[[Sequence[Any], int], Any]


#: Sums of whole numbers near 2**63 are errors, and no double holds the spread of such numbers.
OF_EXTREMES = {name: OF_NUMBERS[name] for name in ("avg", "median", "percentile", "approx_percentile")}
OF_LONG = {"sum": OF_NUMBERS["sum"], **OF_EXTREMES}


def functions_of(kind: str) -> dict[str, tuple[str, ...]]:
    if kind in ("extreme", "long"):
        return OF_ANYTHING | (OF_LONG if kind == "long" else OF_EXTREMES)
    return OF_ANYTHING | (OF_NUMBERS if kind in NUMBERS else {}) | (OF_BOOLEANS if kind == "boolean" else {})


def result_kind(function: str, argument: str) -> str:
    if function in COUNTS:
        return "bigint"
    if function in LISTS:
        return f"{argument}[]"
    if function in DOUBLES:
        return "double"
    if function == "sum":
        return {"integer": "bigint", "real": "double"}.get(argument, argument)
    return "boolean" if function in OF_BOOLEANS else argument


def constant(dice: Dice, function: str) -> float:
    if function in LISTS:
        return dice.choose((1, 2, 3, 100))
    return dice.choose((0.5, 0.0, 0.25, 0.9, 1.0)) if "percentile" in function else 0


def aggregate(dice: Dice, arguments: Sequence[Scalar], conditions: Sequence[Scalar]) -> Aggregate:
    """Any aggregate over these arguments, filtered at times."""
    argument = dice.choose(arguments)
    spellings = functions_of(argument.kind)
    function = dice.choose(sorted(spellings))
    p = constant(dice, function)
    sql = dice.choose(spellings[function]).format(x=argument.sql, p=p)
    made = Aggregate(sql, result_kind(function, argument.kind), Call(function, argument.read, parameter=p))
    return _filtered(dice, made, conditions)


def count(dice: Dice, arguments: Sequence[Scalar], conditions: Sequence[Scalar]) -> Aggregate:
    """Any count."""
    argument = dice.choose(arguments)
    sql, call = dice.choose(
        (
            ("COUNT(*)", Call("count", lambda row: True)),
            (f"COUNT({argument.sql})", Call("count", argument.read)),
            (f"COUNT(DISTINCT {argument.sql})", Call("count_distinct", argument.read)),
        )
    )
    return _filtered(dice, Aggregate(sql, "bigint", call), conditions)


def _filtered(dice: Dice, of: Aggregate, conditions: Sequence[Scalar]) -> Aggregate:
    if not dice.one_in(3):
        return of
    condition = dice.choose(conditions)
    return Aggregate(f"{of.sql} FILTER (WHERE {condition.sql})", of.kind, of.call._replace(filter=condition.read))


def alone(a: Aggregate) -> Formula:
    return Formula(a.sql, a.kind, (a.call,), lambda values, t: values[0])


def _of_one(a: Aggregate, sql: str, kind: str, function: Callable[[Any], Any]) -> Formula:
    return Formula(sql.format(a=a.sql), kind, (a.call,), lambda v, t: None if v[0] is None else function(v[0]))


def _ratio(a: Aggregate, b: Aggregate) -> Formula:
    def finish(values: Sequence[Any], t: int) -> float | None:
        top, bottom = values
        return None if top is None or not bottom else float(top) / bottom

    return Formula(f"{a.sql} / NULLIF({b.sql}, 0)", "double", (a.call, b.call), finish)


def _guarded(a: Aggregate, b: Aggregate) -> Formula:
    def finish(values: Sequence[Any], t: int) -> Any:
        return values[0] if values[1] >= 2 else None

    return Formula(f"CASE WHEN {b.sql} >= 2 THEN {a.sql} END", a.kind, (a.call, b.call), finish)


def _age(a: Aggregate, unit: str, size: int) -> Formula:
    def finish(values: Sequence[Any], t: int) -> int | None:
        return None if values[0] is None else t // size - microseconds(values[0]) // size

    return Formula(f"DATE_DIFF('{unit}', {a.sql}, AS_OF())", "bigint", (a.call,), finish)


_ZERO: dict[str, Any] = {"bigint": 0, "integer": 0, "decimal": Decimal(0), "double": 0.0, "real": 0.0}
UNITS = (("microsecond", 1), ("second", 10**6), ("minute", 60 * 10**6), ("hour", 3600 * 10**6), ("day", 86400 * 10**6))


def around(a: Aggregate, b: Aggregate) -> list[Formula]:
    """The scalar expressions that can stand around an aggregate; b counts."""
    made = [
        _guarded(a, b),
        Formula(f"{a.sql} IS NULL", "boolean", (a.call,), lambda values, t: values[0] is None),
    ]
    if a.kind in _ZERO:
        zero = _ZERO[a.kind]
        made += [
            _ratio(a, b),
            Formula(f"COALESCE({a.sql}, 0)", a.kind, (a.call,), lambda v, t: zero if v[0] is None else v[0]),
            _of_one(a, "-({a})", a.kind, lambda v: -v),
        ]
    if a.kind in ("bigint", "integer"):
        made.append(_of_one(a, "{a} % 2 = 0", "boolean", lambda v: v % 2 == 0))
        made.append(
            Formula(
                f"{a.sql} + {b.sql}",
                "bigint",
                (a.call, b.call),
                lambda v, t: None if v[0] is None else v[0] + v[1],
            )
        )
    if a.kind == "varchar":
        made += [
            _of_one(a, "LOWER({a})", "varchar", str.lower),
            _of_one(a, "LENGTH({a})", "bigint", len),
        ]
    if a.kind == "timestamptz":
        made += [_age(a, unit, size) for unit, size in UNITS]
    if a.kind.endswith("[]"):
        made += [
            _of_one(a, "LEN({a})", "bigint", len),
            _of_one(a, "({a})[1]", a.kind[:-2], lambda v: v[0]),
        ]
    return made


def formula(dice: Dice, arguments: Sequence[Scalar], conditions: Sequence[Scalar]) -> Formula:
    """Any feature's SQL: an aggregate by itself, or scalar SQL around one or two."""
    if dice.one_in(6):
        return alone(count(dice, arguments, conditions))
    a = aggregate(dice, arguments, conditions)
    if not dice.one_in(3):
        return alone(a)
    return dice.choose(around(a, count(dice, arguments, conditions)))
