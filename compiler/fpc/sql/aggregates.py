"""Aggregate calls as SQL: the entry of `fpc.aggregations` with the call's arguments, constants and filter put in."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.model.nodes import AggregateCall
from fpc.types.logical import LogicalType


def lower_call(call: AggregateCall, rows: exp.Expr | None = None, *, has_known_time: bool = True) -> exp.Expr:
    """The call as one aggregate expression over the view's events, restricted to `rows` beside its own filter.

    Reads the columns of the arguments, `event_at` and, where there is one, `known_at`; its value has `call.type`.
    """
    template = _direct(call.function, call.argument_types[0] if call.argument_types else None, has_known_time)
    return fill(template, call, rows)


def reads_known_time(call: AggregateCall) -> bool:
    """Whether the call's value depends on when events were known (the order of first and last)."""
    template = _direct(call.function, call.argument_types[0] if call.argument_types else None, True)
    return any(column.name == "known_at" for column in template.find_all(exp.Column))


def lower_state(call: AggregateCall, update: str) -> exp.Expr:
    """One partial state's `update` over the call's argument, as a row expression."""
    return fill(_parse(update), call, None)


def fill(template: exp.Expr, call: AggregateCall, rows: exp.Expr | None) -> exp.Expr:
    """The template with `x`, `p` and `f` replaced; a FILTER without any condition is dropped."""
    condition = conjunction(rows, call.filter)

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Filter) and condition is None:
            bare: exp.Expr = node.this
            return bare.transform(put)
        if not isinstance(node, exp.Column) or node.table:
            return node
        match node.name:
            case "x":
                argument = call.arguments[0].copy()
                argument.type = str(call.argument_types[0])  # else the generator casts what BOOL_OR reads
                return _inside(node.parent, argument)
            case "p":
                return exp.Literal.number(call.parameters[0])
            case "f":
                assert condition is not None
                return condition.copy()
            case _:
                return node

    return template.copy().transform(put, copy=False)


def conjunction(*conditions: exp.Expr | None) -> exp.Expr | None:
    """All the conditions that are there, joined by AND; None of none."""
    joined: exp.Expr | None = None
    for condition in conditions:
        if condition is not None:
            part = exp.Paren(this=condition.copy()) if isinstance(condition, exp.Or) else condition.copy()
            joined = part if joined is None else exp.And(this=joined, expression=part)
    return joined


def _inside(parent: exp.Expr | None, argument: exp.Expr) -> exp.Expr:
    bare = not isinstance(parent, (exp.Binary, exp.Unary)) or not isinstance(
        argument, (exp.Binary, exp.Unary, exp.Case)
    )
    return argument if bare else exp.Paren(this=argument)


@cache
def _direct(function: str, argument: LogicalType | None, has_known_time: bool) -> exp.Expr:
    template = _parse(BY_NAME[function].direct(argument))
    return template if has_known_time else template.transform(_without_known_time)


def _without_known_time(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Tuple):
        return exp.Tuple(expressions=[part for part in node.expressions if part.name != "known_at"])
    return node


@cache
def _parse(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")
