"""Doubles as whole numbers, so that their sums subtract: two limbs of units that are powers of two.

A difference of two long sums of doubles has lost the digits of a short one between. So a value is cut, without loss,
into whole high units, of which the largest value has 2**43, and whole low units of 2**-71 of those; only what is left
below a low unit is rounded away. A window's sum is then exact to 2**-115 of the source's largest value, whatever came
before it. What is not finite is counted beside: NaN and infinities.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from fpc.sql.training.calls import Call, Input
from fpc.sql.training.names import limb_name, units_name
from fpc.sql.training.shapes import alias, column, select, shape

HIGH_BITS: Final = 44
LOW_BITS: Final = 71
#: So that the low unit of the tiniest values is still a double.
_LEAST_EXPONENT: Final = -900


def has_limbs(call: Call) -> bool:
    """Whether the call's value is a sum of doubles, or made of one."""
    return call.function in ("sum", "avg") and call.input is not None and call.input.type.is_float


def scale_name(read: Input) -> str:
    """The relation of one row that holds the input's high unit."""
    return f"scale_{read.name}"


def lower_scale(read: Input, events: str) -> exp.Select:
    """The input's high unit: column `unit`."""
    greatest = shape("MAX(ABS(_x)) FILTER (WHERE ISFINITE(_x) AND _x <> 0)", _x=_double(read))
    exponent = shape(
        "GREATEST(COALESCE(CEIL(LOG2(_greatest)), 0) + 1, _least)", _greatest=greatest, _least=_LEAST_EXPONENT
    )
    return select([alias(shape("POW(2, _exponent - _bits)", _exponent=exponent, _bits=HIGH_BITS), "unit")], events)


def limb_columns(read: Input) -> list[exp.Expr]:
    """What is not finite (0: it is, 1: infinity, 2: minus infinity, 3: NaN), and the input's high and low units."""
    finite = exp.Case().when(shape("ISFINITE(_x)", _x=_double(read)), _double(read), copy=False)
    high = shape("ROUND(_x / _unit)", _x=finite, _unit=_unit(read))
    low = shape(
        "ROUND((_x - _high * _unit) / (_unit * POW(2, _less)))",
        _x=finite.copy(),
        _high=high,
        _unit=_unit(read),
        _less=exp.Literal.number(str(-LOW_BITS)),
    )
    odd = shape(
        "CASE WHEN ISNAN(_x) THEN 3 WHEN ISINF(_x) AND _x > 0 THEN 1 WHEN ISINF(_x) THEN 2 "
        "WHEN _x IS NOT NULL THEN 0 END",
        _x=_double(read),
    )
    return [
        alias(exp.cast(odd, "tinyint", copy=False), units_name(read.name)),
        alias(exp.cast(high.copy(), "bigint", copy=False), limb_name(read.name, "high")),
        alias(exp.cast(low, "hugeint", copy=False), limb_name(read.name, "low")),
    ]


def total_of(read: Input, high: exp.Expr, low: exp.Expr, not_low: exp.Expr, not_high: exp.Expr) -> exp.Expr:
    """The sum as a double, of the sums of limbs and the numbers of values above and below all finite ones."""
    return shape(
        "CASE WHEN _not_low > 0 AND _not_high > 0 THEN CAST('nan' AS DOUBLE) "
        "WHEN _not_low > 0 THEN CAST('inf' AS DOUBLE) WHEN _not_high > 0 THEN CAST('-inf' AS DOUBLE) "
        "ELSE CAST(_high AS DOUBLE) * _unit + CAST(_low AS DOUBLE) * (_unit * POW(2, _less)) END",
        _high=high,
        _low=low,
        _not_low=not_low,
        _not_high=not_high,
        _unit=_unit(read),
        _less=exp.Literal.number(str(-LOW_BITS)),
    )


def _unit(read: Input) -> exp.Expr:
    return exp.Subquery(this=select([column("unit")], scale_name(read)))


def _double(read: Input) -> exp.Expr:
    return exp.cast(column(read.name), "double", copy=False)
