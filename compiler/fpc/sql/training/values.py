"""From aggregates to feature values: expressions, casts, defaults and derived features, one row per ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlglot import exp

from fpc.model.nodes import AggregateCall, Feature, FeatureView
from fpc.plan.nodes import build
from fpc.sql.features import derived_value, feature_value
from fpc.sql.training.calls import Call, Calls
from fpc.sql.training.shapes import alias, column, equal, select, shape, table


def lower_values(
    view: FeatureView, outputs: Sequence[str], calls: Calls, parts: Mapping[str, tuple[Call, ...]], asked: str
) -> exp.Select:
    """Columns `_ask` and one per output, in the order of `outputs`, for every row of `asked`.

    `parts` are the relations that hold the calls' values: `ask` and a column per call; an ask without a row in one
    gets the value of an empty group. A part may itself stand for `asked`, if it has a row for every ask.
    """
    held = {call.name: "asked" if part == asked else part for part, members in parts.items() for call in members}
    as_of = shape("MAKE_TIMESTAMPTZ(asked.asked_us)")
    wanted = needed_features(view, outputs)

    def value(feature: Feature) -> exp.Expr:
        def aggregate(use: AggregateCall) -> exp.Expr:
            call = calls.by_use[feature.name, use.id]
            found = column(call.name, held[call.name])
            nothing = call.value_of_nothing
            return found if nothing is None else exp.Coalesce(this=found, expressions=[_literal(nothing)])

        return feature_value(feature, aggregate, as_of)

    features = select(
        [alias(column("ask", "asked"), "_ask"), alias(column("asked_us", "asked"), "_asked_us")], table(asked, "asked")
    )
    for part in (part for part in parts if part != asked):
        features = features.join(table(part), on=equal(["ask"], "asked", part), join_type="LEFT", copy=False)
    for feature in view.features:
        if feature.name in wanted:
            features = features.select(alias(value(feature), feature.name), copy=False)
    current = features
    for level in build(view).levels:
        added = [
            alias(derived_value(derived, shape("MAKE_TIMESTAMPTZ(_asked_us)")), derived.name)
            for derived in level
            if derived.name in wanted
        ]
        if added:
            current = select([exp.Star(), *added], current.subquery("features", copy=False))
    return select([column("_ask"), *map(column, outputs)], current.subquery("features", copy=False))


def needed_features(view: FeatureView, outputs: Sequence[str]) -> frozenset[str]:
    """The outputs and everything that their derived features stand on."""
    needed = set(outputs)
    for derived in reversed(view.derived):
        if derived.name in needed:
            needed.update(derived.inputs)
    return frozenset(needed)


def _literal(value: object) -> exp.Expr:
    return exp.Literal.number(json.dumps(value))
