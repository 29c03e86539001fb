"""A feature view at one instant: one readable SELECT, one row per entity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from fpc.model.nodes import AggregateCall, Feature, FeatureView, Window
from fpc.plan.nodes import Derive, Visible, build
from fpc.plan.pruning import partitions_read
from fpc.plan.visibility import edges_of
from fpc.sql.aggregates import lower_call, reads_known_time
from fpc.sql.events import columns_read, select_events
from fpc.sql.features import computed_derived, computed_value, with_defaults
from fpc.sql.staging import EVENT_AT, KNOWN_AT, SUPERSEDED_AT
from fpc.sql.trees import cast, clone, column, conjunction, disjunction, named, select, with_steps
from fpc.types.logical import Kind, LogicalType

AS_OF: Final = "as_of"
_INSTANT: Final = LogicalType(Kind.TIMESTAMPTZ)
_DEFAULTS: Final = "The default in the place of each null, and that it stands there."


def lower_snapshot(view: FeatureView, staged: exp.Table, as_of: exp.Expr) -> exp.Select:
    """Every feature of the view as of an instant, for every entity with a visible event in some window.

    Columns: the entity's keys, the features, the derived features, `as_of`, and for each that has a default a boolean
    (`defaulted_column`) that is true where it stands in for a null. `as_of` is a timestamptz expression; it is
    repeated as it is, so it should be short.
    """
    plan = build(view)
    visible = plan.snapshot.visible
    events = select_events(view, staged, _times(view), *_visible(visible, as_of))
    columns = (*entity_keys(view), *_features(visible, as_of))
    features = select(columns, "events", group_by=len(view.key_columns))
    comments = {"events": visible.description, "features": plan.snapshot.description}
    return finish(plan, as_of, {"events": events, "features": features}, comments)


def lower_empty(view: FeatureView, as_of: exp.Expr) -> exp.Select:
    """What an entity without any event is answered with: one row, the columns of `lower_snapshot` without the keys."""
    plan = build(view)
    types = {declared.name: declared.staged_type for declared in view.source.columns}
    names = dict.fromkeys((*columns_read(view), *_times(view)))
    nothing = (named(cast(exp.Null(), types.get(name, _INSTANT)), name) for name in names)
    steps = {
        "events": select(nothing, where=[exp.false()]),
        "features": select(_features(plan.snapshot.visible, as_of, filtered=False), "events"),
    }
    comments = {
        "events": "No event at all, with the columns that the features read.",
        "features": "What SQL answers over nothing: one row.",
    }
    return finish(plan, as_of, steps, comments)


def finish(plan: Derive, as_of: exp.Expr, steps: dict[str, exp.Select], comments: dict[str, str]) -> exp.Select:
    """The query behind these steps, the last of which is `features`, as computed: the rest of the view's columns.

    Those are the derived features, level by level, for each feature with a default whether it stands in for a null,
    and `as_of`. A level reads the ones before it with their defaults.
    """
    last, columns = "features", with_defaults(plan.snapshot.visible.view.features)
    for number, level in enumerate(plan.levels, start=1):
        if columns:
            steps[name := f"{last}_or_defaults"] = select(columns, last)
            comments[name] = _DEFAULTS
            last = name
        columns = [exp.Star(), *(named(computed_derived(derived, as_of), derived.name) for derived in level)]
        filled = with_defaults(level)
        if filled or number < len(plan.levels):
            steps[name := f"derived_{number}"] = select(columns, last)
            last, columns = name, filled
    return with_steps(select([*(columns or [exp.Star()]), named(clone(as_of), AS_OF)], last), steps, comments)


def entity_keys(view: FeatureView) -> Iterator[exp.Expr]:
    """The entity's keys, of their types and under their names, over the columns of the source that hold them."""
    types = {declared.name: declared.staged_type for declared in view.source.columns}
    for key, (name, source) in zip(view.entity.keys, view.key_columns, strict=True):
        yield named(column(source) if types[source] == key.type else cast(column(source), key.type), name)


def _times(view: FeatureView) -> tuple[str, ...]:
    """The time columns that aggregates and windows read behind the WHERE."""
    calls = (call for feature in view.features for call in feature.aggregates)
    ordered = view.source.known_time is not None and any(reads_known_time(call) for call in calls)
    return (EVENT_AT, KNOWN_AT) if ordered else (EVENT_AT,)


def _features(visible: Visible, as_of: exp.Expr, *, filtered: bool = True) -> Iterator[exp.Expr]:
    has_known_time = visible.view.source.known_time is not None
    rows_of = {window: _narrower(visible, window, as_of) if filtered else None for window in visible.windows}

    def value(feature: Feature) -> exp.Expr:
        rows = rows_of[feature.window]

        def aggregate(call: AggregateCall) -> exp.Expr:
            return lower_call(call, rows, has_known_time=has_known_time)

        return computed_value(feature, aggregate, as_of)

    for feature in visible.view.features:
        yield named(value(feature), feature.name)


def _visible(visible: Visible, as_of: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions on instants under which a row is read at all."""
    view, hull = visible.view, visible.hull
    partitions = partitions_read(visible, as_of)
    if partitions is not None:
        yield partitions
    start = hull.after_start(column(EVENT_AT), as_of)
    if start is not None:
        yield start
    yield hull.before_end(column(EVENT_AT), as_of)
    if view.source.known_time is not None:
        yield hull.is_known(column(KNOWN_AT), as_of)
    if view.source.unique_key:
        yield hull.is_latest_version(column(SUPERSEDED_AT), as_of)
    if visible.has_gaps:
        yield disjunction(_narrower(visible, window, as_of) or exp.true() for window in visible.windows)


def _narrower(visible: Visible, window: Window, as_of: exp.Expr) -> exp.Expr | None:
    """What a window asks beyond the WHERE; None where it asks no more."""
    edges, hull = edges_of(window, visible.view.closed), visible.hull
    conditions = []
    start = edges.after_start(column(EVENT_AT), as_of)
    if start is not None and edges.reach != hull.reach:
        conditions.append(start)
    if edges.offset != hull.offset:
        conditions.append(edges.before_end(column(EVENT_AT), as_of))
    return conjunction(*conditions)
