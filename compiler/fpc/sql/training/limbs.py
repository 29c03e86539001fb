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
#: A double has so many digits; a shard's sum of low units has so many more at most.
_DIGITS, _TAIL = 53, 46
#: A shard's low units carry less than so many high ones: whole numbers are lifted by it, since `//` rounds to zero.
_LIFTED: Final = 1 << 30
#: A large sum is cut at so many digits before its units, and rounded after so many digits behind them.
_SPLIT, _LAST = 20, 32
#: A small one has no more digits than the first before its units, and is cut after the second behind them.
_SMALL_BITS, _SMALL_LAST = 23, 29
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
    """The sum as a double, of the sums of limbs and the numbers of values above and below all finite ones.

    It is the double nearest to the limbs' sum, so that it depends on the values of the window alone, and not on the
    unit, which another value of the source decides.
    """
    return shape(
        "CASE WHEN _not_low > 0 AND _not_high > 0 THEN CAST('nan' AS DOUBLE) "
        "WHEN _not_low > 0 THEN CAST('inf' AS DOUBLE) WHEN _not_high > 0 THEN CAST('-inf' AS DOUBLE) "
        "ELSE _nearest END",
        _not_low=not_low,
        _not_high=not_high,
        _nearest=exp.Paren(this=_nearest(read, high, low)),
    )


def _nearest(read: Input, high: exp.Expr, low: exp.Expr) -> exp.Expr:
    """high + low * 2**-71 units, rounded once: the sum of two doubles, each of which is exact.

    Mostly the limbs' sums are such doubles themselves; all others go the long way, which costs several times as much.
    """
    return shape(
        "CASE WHEN _high BETWEEN -_digits AND _digits "
        "AND (_low & _tail = 0 OR CAST(CAST(_low AS DOUBLE) AS HUGEINT) = _low) "
        "THEN CAST(_high AS DOUBLE) * _unit + CAST(_low AS DOUBLE) * (_unit * POW(2, _less)) ELSE _cut END",
        _digits=_number(1 << _DIGITS),
        _tail=_number((1 << _TAIL) - 1),
        _high=high,
        _low=low,
        _unit=_unit(read),
        _less=_signed(-LOW_BITS),
        _cut=exp.Paren(this=_cut(read, high, low)),
    )


def _cut(read: Input, high: exp.Expr, low: exp.Expr) -> exp.Expr:
    """The same where a limb's sum has more digits than a double: cut elsewhere, into two that have not.

    First the low units are brought to 0 <= low < 2**71 by a carry. Then a large sum has its upper part above 2**20 high
    units, and below it 2**-32 of one is the last digit; whether there is anything below that is kept in it (it is odd
    then), which is enough to round by, 22 digits further up. A small sum needs no such thing.
    """
    lifted = shape("CAST(_low AS HUGEINT) + _lift", _low=low, _lift=_number(_LIFTED << LOW_BITS))
    low_unit = _number(1 << LOW_BITS)
    rest = shape("_lifted % _of", _lifted=lifted, _of=low_unit)
    whole = shape("CAST(_high AS HUGEINT) + _lifted // _of - _back", _high=high, _lifted=lifted, _of=low_unit,
                  _back=_LIFTED)  # fmt: skip
    above = shape("_whole + _lift", _whole=whole, _lift=_number(_LIFTED << _SPLIT << HIGH_BITS))
    upper = shape("_above // _of - _back", _above=above, _of=1 << _SPLIT, _back=_number(_LIFTED << HIGH_BITS))
    below = LOW_BITS - _LAST
    middle = shape(
        "(_above % _of) * _shift + (_rest // _below | CASE WHEN _rest % _below > 0 THEN 1 ELSE 0 END)",
        _above=above,
        _of=1 << _SPLIT,
        _shift=1 << _LAST,
        _rest=rest,
        _below=_number(1 << below),
    )
    large = shape("CAST(_upper AS DOUBLE) * (_unit * POW(2, _up)) + CAST(_middle AS DOUBLE) * (_unit * POW(2, _down))",
                  _upper=upper, _middle=middle, _unit=_unit(read), _up=_SPLIT, _down=_signed(-_LAST))  # fmt: skip
    kept = LOW_BITS - _SMALL_LAST
    small = shape(
        "CAST(_whole * _shift + _rest // _of AS DOUBLE) * (_unit * POW(2, _first))"
        " + CAST(_rest % _of AS DOUBLE) * (_unit * POW(2, _second))",
        _whole=whole,
        _shift=1 << _SMALL_LAST,
        _rest=rest,
        _of=_number(1 << kept),
        _unit=_unit(read),
        _first=_signed(-_SMALL_LAST),
        _second=_signed(-LOW_BITS),
    )
    return shape("CASE WHEN ABS(_whole) >= _large THEN _a ELSE _b END", _whole=whole, _large=1 << _SMALL_BITS,
                 _a=exp.Paren(this=large), _b=exp.Paren(this=small))  # fmt: skip


def _number(value: int) -> exp.Expr:
    return exp.cast(exp.Literal.string(str(value)), "hugeint", copy=False)


def _signed(value: int) -> exp.Expr:
    return exp.Literal.number(str(value))


def _unit(read: Input) -> exp.Expr:
    return exp.Subquery(this=select([column("unit")], scale_name(read)))


def _double(read: Input) -> exp.Expr:
    return exp.cast(column(read.name), "double", copy=False)
