"""Features as SQL: their expressions over aggregates and other features, with casts and defaults."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from fpc.model.nodes import AggregateCall, DerivedFeature, Feature
from fpc.sql.trees import cast, clone, rebuild


def feature_value(feature: Feature, aggregate: Callable[[AggregateCall], exp.Expr], as_of: exp.Expr) -> exp.Expr:
    """The feature's value: `aggregate` says what stands for each of its calls, `as_of` for `AS_OF()`.

    Cast to the feature's type; the default replaces a null.
    """
    calls = {call.id: call for call in feature.aggregates}

    def put(node: exp.Expr) -> exp.Expr | None:
        if isinstance(node, exp.Column) and not node.table and node.name in calls:
            call = calls[node.name]
            lowered = aggregate(call)
            return at_instant(lowered, as_of) if _reads_instant(call) else lowered
        return clone(as_of) if _is_as_of(node) else None

    value = rebuild(feature.expression, put)
    alone = calls.get(feature.expression.name) if isinstance(feature.expression, exp.Column) else None
    if alone is None or alone.type != feature.type:
        value = cast(value, feature.type)
    return _default(value, feature.default)


def derived_value(derived: DerivedFeature, as_of: exp.Expr) -> exp.Expr:
    """The derived feature's value over columns named as its inputs."""
    return _default(cast(at_instant(derived.expression, as_of), derived.type), derived.default)


def at_instant(expression: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    """A copy of the expression with every `AS_OF()` replaced."""
    return rebuild(expression, lambda node: clone(as_of) if _is_as_of(node) else None)


def _is_as_of(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == "AS_OF"


def _reads_instant(call: AggregateCall) -> bool:
    parts = call.arguments if call.filter is None else (*call.arguments, call.filter)
    return any(_is_as_of(node) for part in parts for node in part.find_all(exp.Anonymous))


def _default(value: exp.Expr, default: exp.Expr | None) -> exp.Expr:
    return value if default is None else exp.Coalesce(this=value, expressions=[clone(default)])
