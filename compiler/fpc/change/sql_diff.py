"""How SQL changed, as a reader of a pull request wants it: both sides laid out in one style, then compared by lines."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from sqlglot import exp

from fpc.model.nodes import DerivedFeature, Feature
from fpc.sql.text import render

_AROUND = 2


def sql_diff(before: str, after: str) -> tuple[str, ...]:
    """The lines that went, came and stayed around them, each with `-`, `+` or a space before it; none if all stayed."""
    old, new = before.splitlines(), after.splitlines()
    lines = list(difflib.unified_diff(old, new, n=_AROUND, lineterm=""))
    return tuple(line for line in lines[2:] if not line.startswith("@@"))


def feature_sql(feature: Feature | DerivedFeature) -> str:
    """The feature's SQL in the style of generated files, whatever the spec's spelling and spacing."""
    if isinstance(feature, DerivedFeature):
        return render(feature.expression)
    calls = {call.id: _call(call.function, call.arguments, call.parameters, call.filter) for call in feature.aggregates}
    return render(_replaced(feature.expression, calls))


def _call(
    function: str, arguments: tuple[exp.Expr, ...], parameters: tuple[int | float, ...], condition: exp.Expr | None
) -> exp.Expr:
    given: list[exp.Expr] = [argument.copy() for argument in arguments] or [exp.Star()]
    given += [exp.Literal.number(parameter) for parameter in parameters]
    call = exp.Anonymous(this=function, expressions=given)
    return call if condition is None else exp.Filter(this=call, expression=exp.Where(this=condition.copy()))


def _replaced(tree: exp.Expr, calls: Mapping[str, exp.Expr]) -> exp.Expr:
    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name in calls:
            return calls[node.name].copy()
        return node

    return tree.copy().transform(replace, copy=False)
