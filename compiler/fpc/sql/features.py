"""Features as SQL: their expressions over aggregates and other features, with casts and defaults."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from fpc.model.nodes import AggregateCall, DerivedFeature, Feature


def feature_value(feature: Feature, aggregate: Callable[[AggregateCall], exp.Expr], as_of: exp.Expr) -> exp.Expr:
    """The feature's value: `aggregate` says what stands for each of its calls, `as_of` for `AS_OF()`.

    Cast to the feature's type; the default replaces a null.
    """
    calls = {call.id: call for call in feature.aggregates}
    lowered = {name: aggregate(call) for name, call in calls.items()}

    def put(node: exp.Expr) -> exp.Expr:
        return lowered[node.name].copy() if isinstance(node, exp.Column) and node.name in lowered else node

    value = at_instant(feature.expression.transform(put), as_of)
    alone = calls.get(feature.expression.name) if isinstance(feature.expression, exp.Column) else None
    if alone is None or alone.type != feature.type:
        value = exp.cast(value, exp.DataType.build(str(feature.type), dialect="duckdb"))
    return _default(value, feature.default)


def derived_value(derived: DerivedFeature, as_of: exp.Expr) -> exp.Expr:
    """The derived feature's value over columns named as its inputs."""
    value = at_instant(derived.expression, as_of)
    return _default(exp.cast(value, exp.DataType.build(str(derived.type), dialect="duckdb")), derived.default)


def at_instant(expression: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    """The expression with every `AS_OF()` replaced."""
    return expression.transform(
        lambda node: as_of.copy() if isinstance(node, exp.Anonymous) and node.name.upper() == "AS_OF" else node
    )


def _default(value: exp.Expr, default: exp.Expr | None) -> exp.Expr:
    return value if default is None else exp.Coalesce(this=value, expressions=[default.copy()])
