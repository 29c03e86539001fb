"""A feature view at one instant: one readable SELECT, one row per entity."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from fpc.model.nodes import AggregateCall, Feature, FeatureView, Window
from fpc.plan.nodes import Derive, Visible, build
from fpc.plan.pruning import partitions_read
from fpc.plan.visibility import edges_of
from fpc.sql.aggregates import conjunction, lower_call, reads_known_time
from fpc.sql.events import columns_read, select_events
from fpc.sql.features import derived_value, feature_value
from fpc.sql.staging import EVENT_AT, KNOWN_AT, SUPERSEDED_AT

AS_OF = "as_of"


def lower_snapshot(view: FeatureView, staged: exp.Table, as_of: exp.Expr) -> exp.Select:
    """Every feature of the view as of an instant, for every entity with a visible event in some window.

    Columns: the entity's keys, the features, the derived features, `as_of`. `as_of` is a timestamptz expression; it
    is repeated as it is, so it should be short.
    """
    plan = build(view)
    visible = plan.snapshot.visible
    events = select_events(view, staged, _times(view), *_visible(visible, as_of))
    features = exp.select(*_keys(view), *_features(visible, as_of)).from_("events").group_by(*_ordinals(view))
    return _finish(plan, as_of, events, features)


def lower_empty(view: FeatureView, as_of: exp.Expr) -> exp.Select:
    """What an entity without any event is answered with: one row, the columns of `lower_snapshot` without the keys."""
    plan = build(view)
    types = {column.name: str(column.type) for column in view.source.columns}
    names = dict.fromkeys((*columns_read(view), EVENT_AT, *_times(view)))
    nothing = [
        exp.cast(exp.Null(), exp.DataType.build(types.get(name, "timestamptz"), dialect="duckdb")).as_(name)
        for name in names
    ]
    events = exp.select(*nothing).where(exp.false())
    features = exp.select(*_features(plan.snapshot.visible, as_of, filtered=False)).from_("events")
    finished = _finish(plan, as_of, events, features)
    _comment(finished, "events", "No event at all, with the columns that the features read.")
    _comment(finished, "features", "What SQL answers over nothing, then the defaults: one row.")
    return finished


def _finish(plan: Derive, as_of: exp.Expr, events: exp.Select, features: exp.Select) -> exp.Select:
    stages = {"events": events, "features": features}
    last = "features"
    *inner, final = plan.levels or ((),)
    for number, level in enumerate(inner, start=1):
        derived = (derived_value(feature, as_of).as_(feature.name) for feature in level)
        stages[name := f"derived_{number}"] = exp.select(exp.Star(), *derived).from_(last)
        last = name
    values = (derived_value(feature, as_of).as_(feature.name) for feature in final)
    query = exp.select(exp.Star(), *values, as_of.copy().as_(AS_OF)).from_(last)
    for name, stage in stages.items():
        query = query.with_(name, as_=stage, copy=False)
    _comment(query, "events", plan.snapshot.visible.description)
    _comment(query, "features", plan.snapshot.description)
    return query


def _keys(view: FeatureView) -> Iterator[exp.Expr]:
    types = {column.name: column.type for column in view.source.columns}
    for key, (name, column) in zip(view.entity.keys, view.key_columns, strict=True):
        if types[column] != key.type:
            yield exp.cast(exp.column(column), exp.DataType.build(str(key.type), dialect="duckdb")).as_(name)
        else:
            yield exp.column(column) if column == name else exp.column(column).as_(name)


def _ordinals(view: FeatureView) -> Iterator[exp.Expr]:
    for position, _ in enumerate(view.key_columns, start=1):
        yield exp.Literal.number(position)


def _times(view: FeatureView) -> tuple[str, ...]:
    """The time columns that aggregates and windows read behind the WHERE."""
    calls = (call for feature in view.features for call in feature.aggregates)
    ordered = view.source.known_time is not None and any(reads_known_time(call) for call in calls)
    return (EVENT_AT, KNOWN_AT) if ordered else (EVENT_AT,)


def _features(visible: Visible, as_of: exp.Expr, *, filtered: bool = True) -> Iterator[exp.Expr]:
    def value(feature: Feature) -> exp.Expr:
        rows = _narrower(visible, feature.window, as_of) if filtered else None

        def aggregate(call: AggregateCall) -> exp.Expr:
            return lower_call(call, rows, has_known_time=visible.view.source.known_time is not None)

        return feature_value(feature, aggregate, as_of)

    for feature in visible.view.features:
        yield value(feature).as_(feature.name)


def _visible(visible: Visible, as_of: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions on instants under which a row is read at all."""
    view, hull = visible.view, visible.hull
    partitions = partitions_read(visible, as_of)
    if partitions is not None:
        yield partitions
    start = hull.after_start(exp.column(EVENT_AT), as_of)
    if start is not None:
        yield start
    yield hull.before_end(exp.column(EVENT_AT), as_of)
    if view.source.known_time is not None:
        yield hull.is_known(exp.column(KNOWN_AT), as_of)
    if view.source.unique_key:
        yield hull.is_latest_version(exp.column(SUPERSEDED_AT), as_of)
    if visible.has_gaps:
        yield exp.or_(*(_narrower(visible, window, as_of) or exp.true() for window in visible.windows))


def _narrower(visible: Visible, window: Window, as_of: exp.Expr) -> exp.Expr | None:
    """What a window asks beyond the WHERE; None where it asks no more."""
    edges, hull = edges_of(window, visible.view.closed), visible.hull
    conditions = []
    start = edges.after_start(exp.column(EVENT_AT), as_of)
    if start is not None and edges.reach != hull.reach:
        conditions.append(start)
    if edges.offset != hull.offset:
        conditions.append(edges.before_end(exp.column(EVENT_AT), as_of))
    return conjunction(*conditions)


def _comment(select: exp.Select, cte: str, text: str) -> None:
    for found in select.ctes:
        if found.alias == cte:
            found.comments = [text]
