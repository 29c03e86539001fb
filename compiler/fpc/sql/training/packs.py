"""Sums that subtract, packed: several running totals of one row in one 128-bit integer.

A running sum costs the same whatever it adds, so that counts ride on top of totals: a pack holds at most one signed
field, the lowest, and counts and sums of squares above it. Everything is a whole number (of a decimal, units of its
last digit; of a double, two limbs), so differences are exact. Fields are wide enough for the events of a shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import sqlglot
from sqlglot import exp

from fpc.aggregations.sum import TOTALLED
from fpc.contract.training import ROWS_PER_SHARD
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.limbs import HIGH_BITS, LOW_BITS, has_limbs, total_of
from fpc.sql.training.names import limb_name, units_name
from fpc.sql.training.shapes import column, shape
from fpc.types.logical import Kind, LogicalType

#: A HUGEINT has 127 bits beside its sign; one is kept free so that adding half of the lowest field can't overflow.
_WIDEST: Final = 126
_COUNT_BITS: Final = ROWS_PER_SHARD.bit_length()
_DECIMAL_DIGITS: Final = 38


class Sum(Enum):
    """What a field sums over rows: their number, their values, their values' squares, or limbs of doubles."""

    COUNT = "n"
    TOTAL = "total"
    SQUARES = "squares"
    HIGH = "high"
    LOW = "low"
    NOT_LOW = "not_low"  # infinity or NaN
    NOT_HIGH = "not_high"  # minus infinity or NaN


_SIGNED: Final = frozenset({Sum.TOTAL, Sum.HIGH, Sum.LOW})
_COUNTS: Final = frozenset({Sum.COUNT, Sum.NOT_LOW, Sum.NOT_HIGH})


@dataclass(frozen=True, slots=True)
class Field:
    """A sum of an input (None: of rows)."""

    kind: Sum
    input: Input | None

    @property
    def bits(self) -> int:
        """The width, sign included."""
        if self.kind in _COUNTS:
            return _COUNT_BITS
        if self.kind is Sum.HIGH:
            return _COUNT_BITS + HIGH_BITS + 1
        if self.kind is Sum.LOW:
            return _COUNT_BITS + LOW_BITS + 1
        assert self.input is not None
        width = _value_bits(self.input.type)
        assert width is not None
        return _COUNT_BITS + (width + 1 if self.kind is Sum.TOTAL else 2 * width)


@dataclass(frozen=True, slots=True)
class Pack:
    """Fields in one integer, the lowest first: a total comes only there."""

    name: str
    fields: tuple[Field, ...]

    def of_event(self) -> exp.Expr:
        """An event's contribution; null, which adds nothing, where the only input that the pack has is null."""
        only_valued = self._is_null_with_its_input()
        terms: list[exp.Expr] = []
        for field, place in self.placed():
            if field.input is None:
                terms.append(_power(place))
                continue
            name = field.input.name
            units = column(units_name(name))
            match field.kind:
                case Sum.COUNT if only_valued:
                    terms.append(_power(place))
                case Sum.TOTAL if only_valued:
                    terms.append(shape("CAST(_x AS HUGEINT)", _x=units))
                case Sum.SQUARES if only_valued:
                    terms.append(_times_power(shape("CAST(_x AS HUGEINT) * _x", _x=units), place))
                case Sum.HIGH | Sum.LOW:
                    limb = limb_name(name, field.kind.value)
                    terms.append(shape("COALESCE(CAST(_limb AS HUGEINT), 0)", _limb=limb))
                case Sum.NOT_LOW | Sum.NOT_HIGH:
                    bit = 1 if field.kind is Sum.NOT_LOW else 2
                    odd = shape("CASE WHEN _x & _bit > 0 THEN _one ELSE 0 END", _x=units, _bit=bit, _one=_power(place))
                    terms.append(odd)
                case Sum.COUNT:
                    terms.append(shape("CASE WHEN _x IS NULL THEN 0 ELSE _one END", _x=units, _one=_power(place)))
                case Sum.TOTAL:
                    terms.append(shape("COALESCE(CAST(_x AS HUGEINT), 0)", _x=units))
                case Sum.SQUARES:
                    square = shape("COALESCE(CAST(_x AS HUGEINT) * _x, 0)", _x=units)
                    terms.append(_times_power(square, place))
        total = terms[0]
        for term in terms[1:]:
            total = exp.Add(this=total, expression=term)
        return total

    def _is_null_with_its_input(self) -> bool:
        kinds = {field.kind for field in self.fields}
        has_one = len({field.input for field in self.fields}) == 1
        return has_one and bool(kinds & {Sum.TOTAL, Sum.SQUARES}) and kinds <= {Sum.COUNT, Sum.TOTAL, Sum.SQUARES}

    def field_of(self, wanted: Field, grown: exp.Expr) -> exp.Expr:
        """The field's sum, as HUGEINT, of what the pack grew by."""
        (place,) = (place for field, place in self.placed() if field == wanted)
        half = 1 << (self.fields[0].bits - 1) if self.fields[0].kind in _SIGNED else 0
        lifted = shape("_grown + _half", _grown=grown, _half=whole_number(half)) if half else grown
        raised = shape("_lifted >> _place", _lifted=lifted, _place=place) if place else lifted
        if wanted != self.fields[-1]:
            raised = shape("_raised & _mask", _raised=raised, _mask=whole_number((1 << wanted.bits) - 1))
        return shape("_raised - _half", _raised=raised, _half=whole_number(half)) if half and not place else raised

    def placed(self) -> Iterator[tuple[Field, int]]:
        """Each field and its lowest bit."""
        place = 0
        for field in self.fields:
            yield field, place
            place += field.bits


def units(read: Input) -> exp.Expr:
    """The input in whole units; only of inputs that some total reads, else a mere mark that it is not null."""
    match read.type.kind:
        case Kind.INTEGER | Kind.BIGINT | Kind.HUGEINT:
            return column(read.name)
        case Kind.DECIMAL:
            width = "BIGINT" if (read.type.precision or 0) <= 18 else "HUGEINT"
            if not read.type.scale:
                return exp.cast(column(read.name), width, copy=False)
            scaled = shape("_x * _unit", _x=read.name, _unit=10**read.type.scale)
            return exp.cast(scaled, width, copy=False)
        case _:
            return mark(read)


def mark(read: Input) -> exp.Expr:
    """A small column that is null where the input is."""
    return shape("CASE WHEN _x IS NOT NULL THEN CAST(1 AS TINYINT) END", _x=read.name)


def subtracts(call: Call) -> bool:
    """Whether the call's value may be had from packed sums."""
    if call.input is not None and call.input.moves:
        return False
    if has_limbs(call):
        return True
    return call.aggregation.subtracts(call.argument_type) and all(
        field.kind is Sum.COUNT or _fits(field) for field in fields(call)
    )


def fields(call: Call) -> tuple[Field, ...]:
    """The sums that the call's value is made of."""
    if has_limbs(call):
        return tuple(Field(kind, call.input) for kind in (Sum.COUNT, Sum.HIGH, Sum.LOW, Sum.NOT_LOW, Sum.NOT_HIGH))
    return tuple(Field(Sum(state.name), call.input) for state in call.aggregation.states(call.argument_type))


def pack(wanted: Iterable[Field]) -> tuple[Pack, ...]:
    """The fields in as few packs as first fit makes."""
    totals = [field for field in wanted if field.kind in _SIGNED]
    others = sorted((field for field in wanted if field.kind not in _SIGNED), key=lambda field: -field.bits)
    packs: list[list[Field]] = [[field] for field in totals]
    for field in others:
        for held in packs:
            if sum(known.bits for known in held) + field.bits <= _WIDEST:
                held.append(field)
                break
        else:
            packs.append([field])
    return tuple(Pack(f"pack_{number}", tuple(held)) for number, held in enumerate(packs))


def finalise(call: Call, packs: Sequence[Pack], grown: dict[str, exp.Expr]) -> exp.Expr:
    """The call's value of what each pack (by name) grew by."""
    sums = {}
    for field in fields(call):
        (home,) = (pack for pack in packs if field in pack.fields)
        sums[field.kind] = home.field_of(field, grown[home.name])
    found = {kind.value: value for kind, value in sums.items()}
    if has_limbs(call) and call.input is not None:
        limbs = (sums[kind] for kind in (Sum.HIGH, Sum.LOW, Sum.NOT_LOW, Sum.NOT_HIGH))
        found["total"] = total_of(call.input, *limbs)
    elif TOTALLED in call.aggregation.states(call.argument_type):
        found["total"] = _natural(sums[Sum.TOTAL], Field(Sum.TOTAL, call.input))
    template = call.aggregation.finalise(call.argument_type)
    assert template is not None

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name in found:
            return exp.Paren(this=found[node.name].copy())
        return node

    value = sqlglot.parse_one(template, dialect="duckdb").transform(put)
    return exp.cast(value, exp.DataType.build(str(call.type), dialect="duckdb"), copy=False)


def _natural(total: exp.Expr, field: Field) -> exp.Expr:
    """A total of whole units as a total of values: multiplied, not divided, so that it stays decimal."""
    assert field.input is not None
    scale = field.input.type.scale if field.input.type.kind is Kind.DECIMAL else 0
    if not scale:
        return total
    whole = exp.cast(total, exp.DataType.build(f"decimal({37 - scale},0)", dialect="duckdb"), copy=False)
    digit = exp.cast(
        exp.Literal.number("0." + "1".rjust(scale, "0")),
        exp.DataType.build(f"decimal({scale + 1},{scale})", dialect="duckdb"),
        copy=False,
    )
    return exp.Mul(this=whole, expression=digit)


def _fits(field: Field) -> bool:
    assert field.input is not None
    type_ = field.input.type
    if _value_bits(type_) is None or field.bits > _WIDEST:
        return False
    if type_.kind is not Kind.DECIMAL:
        return True
    # What values and sums pass through as decimals on their way to units and back.
    digits, scale = type_.precision or 0, type_.scale or 0
    return digits + (10 if scale <= 9 else 19) <= _DECIMAL_DIGITS and digits + 9 + scale < _DECIMAL_DIGITS


def _value_bits(type_: LogicalType) -> int | None:
    match type_.kind:
        case Kind.INTEGER:
            return 32
        case Kind.BIGINT:
            return 64
        case Kind.DECIMAL:
            return int(10 ** (type_.precision or 0)).bit_length()
        case _:
            return None


def _power(place: int) -> exp.Expr:
    return whole_number(1 << place)


def _times_power(value: exp.Expr, place: int) -> exp.Expr:
    return exp.Mul(this=exp.Paren(this=value), expression=_power(place)) if place else value


def whole_number(value: int, type_: str = "hugeint") -> exp.Expr:
    """A whole number of any size; the engine would read a long literal as a double."""
    literal = exp.Literal.number(value)
    return literal if value < 1 << 31 else exp.cast(exp.Literal.string(str(value)), type_, copy=False)
