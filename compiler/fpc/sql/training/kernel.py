"""The compiled kernel as a strategy: which calls it can answer, what it reads, and what its states mean as values.

The kernel slides windows over events sorted by entity and event time, so it serves views whose events are known when
they happen and have no versions. Its numbers are 64-bit integers: whole units of a decimal's last digit, microseconds
of an instant, days of a date; a run that could overflow them refuses, and the view's SQL is used instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from fpc.contract.kernel import MASK_BITS, KernelProgram, KernelSlot, KernelState, StateKind
from fpc.model.nodes import FeatureView, Window
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.events import entering_shift, event_columns, leaving_shift
from fpc.sql.training.shapes import alias, column, select, shape
from fpc.types.logical import Kind, LogicalType

#: The relation of kernel events: `entity` (bigint) and all columns of the events relation.
EVENTS = "kernel_events"
#: The relation that the kernel's states are put into: `ask`, `asked_us` and the states, a row for every ask.
STATES = "kernel_states"

_MOMENTS = (StateKind.COUNT, StateKind.SUM, StateKind.SQUARE)
_STATES: dict[str, tuple[StateKind, ...]] = {
    "count": (StateKind.COUNT,),
    "sum": (StateKind.COUNT, StateKind.SUM),
    "avg": (StateKind.COUNT, StateKind.SUM),
    "variance": _MOMENTS,
    "stddev": _MOMENTS,
    "var_pop": _MOMENTS,
    "stddev_pop": _MOMENTS,
    "min": (StateKind.MIN,),
    "max": (StateKind.MAX,),
    "first": (StateKind.FIRST,),
    "last": (StateKind.LAST,),
    "count_distinct": (StateKind.DISTINCT,),
    "approx_count_distinct": (StateKind.DISTINCT,),
}
_WIDEST_DECIMAL = 18


@dataclass(frozen=True, slots=True)
class KernelLowering:
    """The calls that the kernel answers, its program, and the SELECT of `ask`, `asked_us` and the calls' values."""

    calls: tuple[Call, ...]
    program: KernelProgram
    values: exp.Select


def lower_kernel(view: FeatureView, calls: Sequence[Call]) -> KernelLowering | None:
    """The kernel's part in these calls; None where it has none."""
    chosen = tuple(call for call in calls if event_columns(view).in_order and _serves(call))
    if not chosen:
        return None
    bits = {call.input: index for index, call in enumerate(_first_of_each_input(chosen))}
    if len(bits) > MASK_BITS:
        return None
    slots = {
        (call.input, is_code): None
        for call in chosen
        for is_code in (_reads_codes(call),)
        if call.input is not None and call.function != "count"
    }
    places = {key: place for place, key in enumerate(slots)}
    states: dict[tuple[object, ...], KernelState] = {}
    values = [
        alias(
            _value(call, [_state(view, call, kind, bits, places, states) for kind in _STATES[call.function]]), call.name
        )
        for call in chosen
    ]
    mask = [shape("CAST(_held AS BIGINT) << _bit", _held=_held(read), _bit=bit) for read, bit in bits.items()]
    read = [
        column("entity"),
        alias(column("event_us"), "at"),
        alias(_sum(mask), "mask"),
        *(alias(_code(place) if is_code else _number(source), f"slot_{place}")
          for place, (source, is_code) in enumerate(slots)),
    ]  # fmt: skip
    program = KernelProgram(
        events=_text(select(read, EVENTS)),
        counts=_text(select([column("entity")], EVENTS)),
        slots=tuple(_slot(source, is_code) for source, is_code in slots),
        states=tuple(states.values()),
    )
    return KernelLowering(chosen, program, select([column("ask"), column("asked_us"), *values], STATES))


def _serves(call: Call) -> bool:
    if call.function not in _STATES or (call.input is not None and call.input.moves):
        return False
    if call.function == "count":
        return True
    assert call.input is not None
    match call.input.type.kind:
        case Kind.INTEGER | Kind.BIGINT | Kind.BOOLEAN | Kind.DATE | Kind.TIMESTAMPTZ:
            is_whole = True
        case Kind.DECIMAL:
            is_whole = (call.input.type.precision or 0) <= _WIDEST_DECIMAL
        case Kind.VARCHAR:
            is_whole = _reads_codes(call)
        case _:
            is_whole = False
    is_exact = _STATES[call.function][-1] not in (StateKind.SUM, StateKind.SQUARE) or call.aggregation.subtracts(
        call.input.type
    )
    return is_whole and is_exact


def _reads_codes(call: Call) -> bool:
    return _STATES[call.function] == (StateKind.DISTINCT,)


def _first_of_each_input(calls: Sequence[Call]) -> Iterator[Call]:
    seen: set[Input | None] = set()
    for call in calls:
        if call.input not in seen:
            seen.add(call.input)
            yield call


def _state(
    view: FeatureView,
    call: Call,
    kind: StateKind,
    bits: dict[Input | None, int],
    places: dict[tuple[Input, bool], int],
    states: dict[tuple[object, ...], KernelState],
) -> exp.Column:
    """The state's column; equal states of several calls are asked once."""
    slot = None
    if kind is not StateKind.COUNT and call.input is not None:
        slot = places[call.input, _reads_codes(call)]
    window: Window = call.window
    key = (kind, slot, bits[call.input], window)
    if key not in states:
        leaves = None if window.length is None else leaving_shift(view, window)
        states[key] = KernelState(
            f"state_{len(states)}", kind, slot, bits[call.input], entering_shift(view, window), leaves
        )
    return column(states[key].name)


def _value(call: Call, states: list[exp.Column]) -> exp.Expr:
    """The call's value over its states' columns, in the call's type."""
    type_ = exp.DataType.build(str(call.type), dialect="duckdb")
    if call.function in ("count", "count_distinct", "approx_count_distinct"):
        return states[0]
    assert call.input is not None
    argument = call.input.type
    if call.function in ("min", "max", "first", "last"):
        return exp.cast(_back(states[0], argument), type_, copy=False)
    whole = call.function not in ("sum", "avg")
    names = {
        "n": states[0],
        "total": shape("CAST(_raw AS HUGEINT)", _raw=states[1]) if whole else _back(states[1], argument),
        "squares": shape("CAST(_raw AS HUGEINT)", _raw=states[-1]),
    }
    finalise = call.aggregation.finalise(argument)
    assert finalise is not None

    def put(node: exp.Expr) -> exp.Expr:
        return names[node.name].copy() if isinstance(node, exp.Column) and node.name in names else node

    value = sqlglot.parse_one(finalise, dialect="duckdb").transform(put)
    return exp.cast(value, type_, copy=False)


def _number(read: Input) -> exp.Expr:
    """The input as a 64-bit integer, 0 for null."""
    match read.type.kind:
        case Kind.DECIMAL if read.type.scale:
            number = shape("CAST(_x * _unit AS BIGINT)", _x=read.name, _unit=10**read.type.scale)
        case Kind.TIMESTAMPTZ:
            number = shape("EPOCH_US(_x)", _x=read.name)
        case Kind.DATE:
            number = shape("CAST(_x - DATE '1970-01-01' AS BIGINT)", _x=read.name)
        case _:
            number = shape("CAST(_x AS BIGINT)", _x=read.name)
    return shape("COALESCE(_number, 0)", _number=number)


def _back(number: exp.Expr, type_: LogicalType) -> exp.Expr:
    match type_.kind:
        case Kind.DECIMAL if type_.scale:
            # Multiplied, not divided: division would leave the decimals. 64 bits have at most 19 digits.
            unit = exp.Literal.number("0." + "1".rjust(type_.scale, "0"))
            return shape("CAST(_n AS DECIMAL(19, 0)) * _unit", _n=number, _unit=unit)
        case Kind.TIMESTAMPTZ:
            return shape("MAKE_TIMESTAMPTZ(_n)", _n=number)
        case Kind.DATE:
            return shape("DATE '1970-01-01' + CAST(_n AS INTEGER)", _n=number)
        case _:
            return number


def _code(place: int) -> exp.Expr:
    """The slot's value by its number in the dictionary that the runtime makes (`kernel_code_<slot>`), 0 for null."""
    return column(f"kernel_code_{place}")


def _slot(read: Input, is_code: bool) -> KernelSlot:
    return KernelSlot(dictionary_of=read.name if is_code else None)


def _held(read: Input | None) -> exp.Expr:
    return exp.true() if read is None else shape("_x IS NOT NULL", _x=read.name)


def _sum(terms: Sequence[exp.Expr]) -> exp.Expr:
    total = terms[0]
    for term in terms[1:]:
        total = exp.Add(this=exp.Paren(this=total), expression=exp.Paren(this=term))
    return total


def _text(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb", identify=True, comments=False)
