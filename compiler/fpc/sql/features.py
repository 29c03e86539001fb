"""Features as SQL: their expressions over aggregates and other features, with casts and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from fpc.contract.defaults import defaulted_column
from fpc.model.nodes import AggregateCall, DerivedFeature, Feature
from fpc.sql.trees import cast, clone, column, is_null, named, rebuild


def feature_value(feature: Feature, aggregate: Callable[[AggregateCall], exp.Expr], as_of: exp.Expr) -> exp.Expr:
    """The feature's value: what is computed, or the default in the place of a null."""
    return _default(computed_value(feature, aggregate, as_of), feature.default)


def computed_value(feature: Feature, aggregate: Callable[[AggregateCall], exp.Expr], as_of: exp.Expr) -> exp.Expr:
    """What is computed, before the default: `aggregate` says what stands for each call, `as_of` for `AS_OF()`.

    Cast to the feature's type.
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
    return value


def derived_value(derived: DerivedFeature, as_of: exp.Expr) -> exp.Expr:
    """The derived feature's value over columns named as its inputs; the default replaces a null."""
    return _default(computed_derived(derived, as_of), derived.default)


def computed_derived(derived: DerivedFeature, as_of: exp.Expr) -> exp.Expr:
    """What is computed of a derived feature, before the default, over columns named as its inputs."""
    return cast(at_instant(derived.expression, as_of), derived.type)


def with_defaults(outputs: Iterable[Feature | DerivedFeature]) -> list[exp.Expr]:
    """Every column, the default in the place of each null, and for each feature that has one whether it stands there.

    Of features of which none has a default, nothing.
    """
    defaults = {output.name: output.default for output in outputs if output.default is not None}
    if not defaults:
        return []
    # Not `* REPLACE`: sqlfluff takes the point of a decimal in it for that of a qualified name.
    others = exp.Star(except_=[exp.to_identifier(name) for name in defaults])
    filled = [named(_default(column(name), default), name) for name, default in defaults.items()]
    return [others, *filled, *(named(is_null(column(name)), defaulted_column(name)) for name in defaults)]


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
