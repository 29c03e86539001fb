"""Aggregate calls as SQL: the entry of `fpc.aggregations` with the call's arguments, constants and filter put in."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.model.nodes import AggregateCall
from fpc.sql.trees import clone, conjunction, rebuild
from fpc.types.logical import Kind, LogicalType

__all__ = ["fill", "lower_call", "reads_known_time"]


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


def fill(template: exp.Expr, call: AggregateCall, rows: exp.Expr | None) -> exp.Expr:
    """The template with `x`, `p` and `f` replaced; a FILTER without any condition is dropped."""
    condition = conjunction(rows, None if call.filter is None else clone(call.filter))

    def put(node: exp.Expr) -> exp.Expr | None:
        if isinstance(node, exp.Filter) and condition is None:
            return rebuild(node.this, put)
        if not isinstance(node, exp.Column) or node.table:
            return None
        match node.name:
            case "x":
                return _argument(call, node.parent)
            case "p":
                return exp.Literal.number(call.parameters[0])
            case "f":
                return condition
            case _:
                return None

    return rebuild(template, put)


def _argument(call: AggregateCall, parent: exp.Expr | None) -> exp.Expr:
    argument = clone(call.arguments[0])
    if call.argument_types[0].kind is Kind.BOOLEAN:
        argument.type = exp.DataType(this=exp.DType.BOOLEAN)  # else the generator casts what BOOL_OR reads
    loose = isinstance(argument, (exp.Binary, exp.Unary, exp.Case, exp.Between, exp.In))
    return exp.Paren(this=argument) if loose and isinstance(parent, (exp.Binary, exp.Unary)) else argument


@cache
def _direct(function: str, argument: LogicalType | None, has_known_time: bool) -> exp.Expr:
    template = sqlglot.parse_one(BY_NAME[function].direct(argument), dialect="duckdb")
    return template if has_known_time else rebuild(template, _without_known_time)


def _without_known_time(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Tuple):
        return exp.Tuple(expressions=[clone(part) for part in node.expressions if part.name != "known_at"])
    return None
