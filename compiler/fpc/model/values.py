"""Values that specs spell out (defaults, rows of examples, lists of tests), checked against a type."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import cache
from math import isfinite
from typing import Final

from sqlglot import exp

from fpc.model.instants import parse_date, parse_instant
from fpc.model.nodes import Literal, Value
from fpc.types.logical import Kind, LogicalType

_BITS: Final = {Kind.INTEGER: 31, Kind.BIGINT: 63, Kind.HUGEINT: 127}


class MisfitError(ValueError):
    """A value is not of its type; the message says what the type takes."""


def typed_value(value: Value, text: str, type: LogicalType) -> Value:
    """The value as the type has it, item by item where that is a list; null fits all.

    `text` is a scalar as written, from which a decimal keeps all its digits. Raises `MisfitError`.
    """
    if type.element is not None and value is not None:
        if not isinstance(value, tuple):
            raise MisfitError("takes a list, such as `[]`")
        return tuple(typed_literal(item, str(item), type.element) for item in value)
    if isinstance(value, tuple):
        raise MisfitError("takes one value")
    return typed_literal(value, text, type)


def typed_literal(value: Literal, text: str, type: LogicalType) -> Literal:
    """The literal as a type that is no list has it: decimals, dates and times as text, whole numbers as `int`.

    Raises `MisfitError`.
    """
    if value is None:
        return None
    match type.kind:
        case Kind.BOOLEAN:
            return _expect(isinstance(value, bool), value, "takes true or false")
        case Kind.INTEGER | Kind.BIGINT | Kind.HUGEINT:
            return _integer(value, type.kind)
        case Kind.REAL | Kind.DOUBLE:
            number = not isinstance(value, bool) and isinstance(value, int | float)
            _expect(number and isfinite(float(str(value))), value, "takes a number")
            return float(str(value))
        case Kind.DECIMAL:
            return _decimal(value, text, type)
        case Kind.VARCHAR:
            return _expect(isinstance(value, str), value, f'takes a text; write "{text}" in quotes')
        case Kind.DATE:
            return _time(value, parse_date, "takes a date such as 2024-03-08")
        case Kind.TIMESTAMP | Kind.TIMESTAMPTZ:
            return _time(value, parse_instant, "takes an instant such as 2024-03-08T12:00:00Z")
        case _:
            raise MisfitError(f"cannot be written in a spec as {type}")


def sql_literal(value: Value, type: LogicalType) -> exp.Expr:
    """The typed SQL literal of a value that `typed_value` gave."""
    literal: exp.Expr
    match value:
        case tuple():
            assert type.element is not None
            literal = exp.Array(expressions=[sql_literal(item, type.element) for item in value])
        case None:
            literal = exp.null()
        case bool():
            return exp.Boolean(this=value)
        case int() | float():
            number = exp.Literal.number(repr(abs(value)))
            literal = exp.Neg(this=number) if value < 0 else number
        case str():
            literal = exp.Literal.string(value)
    return exp.Cast(this=literal, to=_data_type(str(type)).copy())


@cache
def _data_type(text: str) -> exp.DataType:
    """The tree of a type, read once: reading it takes longer than all the rest of a literal."""
    return exp.DataType.build(text, dialect="duckdb")


def _expect(fits: bool, value: Literal, rule: str) -> Literal:
    if not fits:
        raise MisfitError(rule)
    return value


def _integer(value: Literal, kind: Kind) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MisfitError("takes a whole number")
    if not -(2 ** _BITS[kind]) <= value < 2 ** _BITS[kind]:
        raise MisfitError(f"is out of the range of {kind.value}")
    return value


def _decimal(value: Literal, text: str, type: LogicalType) -> str:
    assert type.precision is not None and type.scale is not None
    if isinstance(value, bool):
        raise MisfitError("takes a number")
    try:
        number = Decimal(text if not isinstance(value, int) else str(value))
    except InvalidOperation:
        raise MisfitError("takes a number") from None
    if not number.is_finite():
        raise MisfitError("takes a number")
    if number and number.adjusted() >= type.precision - type.scale:
        raise MisfitError(f"is out of the range of {type}")
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > type.scale:
        raise MisfitError(f"has more than {type.scale} digits behind the point")
    return format(number, "f") if number else "0"


def _time(value: Literal, parse: object, rule: str) -> str:
    if not isinstance(value, str) or not callable(parse):
        raise MisfitError(rule)
    try:
        parse(value)
    except (ValueError, OverflowError):
        raise MisfitError(rule) from None
    return value
