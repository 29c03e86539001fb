"""The history of a view: the grid points at which an entity's row changes, and the rows that it changes to.

An event enters a window at its `visible_from` and leaves it at its `visible_until`; between two such edges the row of
its entity stays as it is. So the points to compute are the edges, each moved to the next point of the grid: all else
is what it was at the point before. A view whose features read AS_OF() changes without an edge: of it every point is
computed at which the entity has a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from fpc.contract.backfill import CHANGE, BackfillProgram, Change
from fpc.contract.registry import ColumnContract, GridContract
from fpc.model.nodes import AggregateCall, Feature, FeatureReference, FeatureView, Grid, Mode, Model
from fpc.plan.nodes import Visible, build
from fpc.sql.history_reading import lower_reading
from fpc.sql.snapshot import AS_OF
from fpc.sql.training.cron import lower_cron_points
from fpc.sql.training.events import visible_from, visible_until
from fpc.sql.training.names import inner_key
from fpc.sql.training.program import lower_training
from fpc.sql.training.shapes import alias, both, column, select, shape, table
from fpc.types.duration import Duration
from fpc.types.logical import Kind, LogicalType

#: Goes up when the same definition comes to mean other rows.
_FORMAT: Final = "1"
#: Moves every instant since 10,000 BC above zero, because the engine's `//` rounds towards zero.
_ABOVE_ZERO: Final = 400_000_000_000_000_000
_COUNT: Final = LogicalType(Kind.BIGINT)
_IS_PRESENT: Final = "_is_present"
_WAS_PRESENT: Final = "_was_present"
_DIFFERS: Final = "_differs"


def lower_history(model: Model, view: FeatureView, history: str, every: Duration | None = None) -> BackfillProgram:
    """The program that fills the table `history` of a view, on its schedule's grid or on the coarser `every`.

    Of a schedule in multiples of a duration, `every` must be a multiple itself; raises `ValueError` otherwise.
    """
    grid = _coarser(view.grid, every)
    counted = _with_counts(view)
    outputs = [output.name for output in counted.outputs]
    members = [(FeatureReference(view.name, name), name) for name in outputs]
    training = lower_training(replace(model, views={view.name: counted}), members, Mode.EXACT)
    thinned = every.microseconds if every is not None else None
    asks = _text(lower_asks(view, grid, thinned))
    changes = _text(lower_changes(view, [name for name in outputs if name not in _served(view)]))
    features = tuple(ColumnContract(output.name, str(output.type)) for output in view.outputs)
    keys = tuple(ColumnContract(key.name, str(key.type)) for key in view.entity.keys)
    meaning = repr((_FORMAT, view.fingerprint, grid.every, grid.cron, thinned, keys, features))
    return BackfillProgram(
        view.name,
        history,
        hashlib.sha256(meaning.encode()).hexdigest()[:16],
        GridContract(grid.every.microseconds if grid.every else None, grid.cron),
        thinned,
        keys,
        features,
        training,
        asks,
        changes,
        lower_reading(view),
        moves(view),
    )


def moves(view: FeatureView) -> bool:
    """Whether the view's rows change with time alone, because a feature reads AS_OF()."""
    return any(output.uses_as_of for output in view.outputs)


def lower_asks(view: FeatureView, grid: Grid, thinned_us: int | None = None) -> exp.Select:
    """The entities and grid points to compute: `_spine_row` (a number), the entity's keys, `_at_us`.

    Reads the relation `events`. For every entity with a point in the stretch there is the point `before_us` too, with
    which the first one is compared.
    """
    keys = [inner_key(key.name) for key in view.entity.keys]
    points = _points(grid, thinned_us)
    query = _every_point(view, keys) if moves(view) else _edge_points(view, keys, grid)
    before = select([*map(column, keys), alias(_variable("before_us"), "at_us")], "computed").distinct(copy=False)
    both_kinds = exp.union(select([*map(column, keys), column("at_us")], "computed"), before, distinct=False)
    outer = [
        alias(shape("ROW_NUMBER() OVER ()"), "_spine_row"),
        *(alias(column(inner), key.name) for key, inner in zip(view.entity.keys, keys, strict=True)),
        alias(column("at_us"), "_at_us"),
    ]
    return (
        select(outer, both_kinds.subquery("asked", copy=False))
        .with_("points", as_=points, copy=False)
        .with_("computed", as_=query, materialized=True, copy=False)
    )


def lower_changes(view: FeatureView, counts: Sequence[str]) -> exp.Select:
    """The history's rows: keys, features, `as_of`, `_change`; reads `instants` and `values_0` (with these `counts`).

    Of the points that were computed, those at which the row differs from the one at the point before; and where the
    history opens with the first point, the rows that stand then.
    """
    keys = [key.name for key in view.entity.keys]
    features = [output.name for output in view.outputs]
    present = shape(" + ".join(f"_{place}" for place in range(len(counts))) + " > 0",
                    **{f"_{place}": column(name, "values_0") for place, name in enumerate(counts)})  # fmt: skip
    valued = select(
        [
            *(column(name, "instants") for name in (*keys, "_at_us")),
            *(column(name, "values_0") for name in features),
            alias(present, _IS_PRESENT),
        ],
        table("instants", "instants"),
    ).join(
        table("values_0", "values_0"),
        on=exp.EQ(this=column("_ask", "values_0"), expression=column("_spine_row", "instants")),
        copy=False,
    )
    differs = [
        exp.NullSafeNEQ(this=column(name), expression=_before(column(name), keys)) for name in (*features, _IS_PRESENT)
    ]
    compared = select(
        [
            exp.Star(),
            alias(_before(column(_IS_PRESENT), keys), _WAS_PRESENT),
            alias(exp.or_(*differs, copy=False), _DIFFERS),
        ],
        "valued",
    )
    change = (
        exp.Case()
        .when(shape(f"NOT {_IS_PRESENT}"), _text_of(Change.REMOVED), copy=False)
        .when(shape(f"NOT {_WAS_PRESENT}"), _text_of(Change.APPEARED), copy=False)
        .when(shape(_DIFFERS), _text_of(Change.CHANGED), copy=False)
        .else_(_text_of(Change.CARRIED), copy=False)
    )
    kept = shape(
        f"_at_us >= _first AND ({_IS_PRESENT} AND (_opens AND _at_us = _first OR {_DIFFERS})"
        f" OR NOT {_IS_PRESENT} AND {_WAS_PRESENT})",
        _first=_variable("first_us"),
        _opens=_variable("opens"),
    )
    return (
        select(
            [
                *map(column, (*keys, *features)),
                alias(shape("MAKE_TIMESTAMPTZ(_at_us)"), AS_OF),
                alias(change, CHANGE),
            ],
            "compared",
        )
        .with_("valued", as_=valued, copy=False)
        .with_("compared", as_=compared, copy=False)
        .where(kept, copy=False)
    )


def _coarser(grid: Grid, every: Duration | None) -> Grid:
    if every is None or grid.every is None:
        return grid
    if every.microseconds % grid.every.microseconds:
        raise ValueError(f"{every} is not a multiple of {grid.every}")
    return Grid(every, None)


def _served(view: FeatureView) -> frozenset[str]:
    return frozenset(output.name for output in view.outputs)


def _with_counts(view: FeatureView) -> FeatureView:
    """The view with a count of the events in each of its windows: an entity has a row where one is not zero."""
    return replace(view, features=(*view.features, *_counts(build(view).snapshot.visible)))


def _counts(visible: Visible) -> Iterator[Feature]:
    call = AggregateCall("__a0", "count", (), (), (), None, _COUNT)
    for number, window in enumerate(visible.windows):
        yield Feature(
            f"_events_{number}", "", window, (call,), exp.column("__a0"), _COUNT, None, (), "", visible.view.span, ""
        )


def _points(grid: Grid, thinned_us: int | None) -> exp.Select:
    """The grid points of the stretch: `at_us`, and the point before each, `previous_us`."""
    first, last = _variable("first_us"), _variable("last_us")
    if grid.every is not None:
        series = shape("UNNEST(GENERATE_SERIES(_a, _b, _every))", _a=first, _b=last, _every=grid.every.microseconds)
        points = exp.select(alias(series, "at_us"))
    else:
        assert grid.cron is not None
        every = lower_cron_points(grid.cron, first, last).subquery("times", copy=False)
        within = shape("asked_us BETWEEN _a AND _b", _a=_variable("first_us"), _b=_variable("last_us"))
        if thinned_us is None:
            points = select([alias(column("asked_us"), "at_us")], every).where(within, copy=False)
        else:
            lift = thinned_us * (_ABOVE_ZERO // thinned_us)
            bucket = shape("(asked_us + _lift) // _every", _lift=lift, _every=thinned_us)
            points = select([alias(shape("MIN(asked_us)"), "at_us")], every).where(within, copy=False)
            points = points.group_by(bucket, copy=False)
    previous = shape("LAG(at_us, 1, _before) OVER (ORDER BY at_us)", _before=_variable("before_us"))
    return select([column("at_us"), alias(previous, "previous_us")], points.subquery("listed", copy=False))


def _edge_points(view: FeatureView, keys: Sequence[str], grid: Grid) -> exp.Select:
    """Where windows begin or cease to hold an event, and where the history opens, every entity that has a row then."""
    visible = build(view).snapshot.visible
    spans = [(visible_from(view, window), visible_until(view, window)) for window in visible.windows]
    edges = exp.array(*(edge for span in spans for edge in span if edge is not None), copy=False)
    listed = select([*map(column, keys), alias(exp.Unnest(expressions=[edges]), "edge_us")], "events")
    within = shape("edge_us > _a AND edge_us <= _b", _a=_variable("before_us"), _b=_variable("last_us"))
    found = select([*map(column, keys), column("edge_us")], listed.subquery("edges", copy=False))
    distinct = found.where(within, copy=False).distinct(copy=False).subquery("edges", copy=False)
    if grid.every is not None:
        every = grid.every.microseconds
        above = every * (_ABOVE_ZERO // every)
        point = shape("(edge_us + _lift) // _every * _every - _above", _lift=above + every - 1, _every=every,
                      _above=above)  # fmt: skip
        moved = select([*map(column, keys), alias(point, "at_us")], distinct)
    else:
        moved = select([*(column(name, "edges") for name in keys), column("at_us", "points")], distinct).join(
            table("points", "points"), join_type="ASOF", on=shape("edges.edge_us <= points.at_us"), copy=False
        )
    standing = exp.or_(*(_stands(span) for span in spans), copy=False)
    opened = both([_variable("opens"), exp.Paren(this=standing)])
    first = select([*map(column, keys), alias(_variable("first_us"), "at_us")], "events").where(opened, copy=False)
    return select([*map(column, keys), column("at_us")],
                  exp.union(moved, first, distinct=True).subquery("moved", copy=False))  # fmt: skip


def _stands(span: tuple[exp.Expr, exp.Expr | None]) -> exp.Expr:
    since, until = span
    began = shape("_since <= _first", _since=since.copy(), _first=_variable("first_us"))
    if until is None:
        return began
    lasts = shape("COALESCE(_until > _first, TRUE)", _until=until.copy(), _first=_variable("first_us"))
    return both([began, lasts])


def _every_point(view: FeatureView, keys: Sequence[str]) -> exp.Select:
    """Every point at which the entity has an event in a window, and the one after each such stretch."""
    visible = build(view).snapshot.visible
    # What never ends does so after every point.
    forever = shape("_last + 1", _last=_variable("last_us"))
    spans = []
    for window in visible.windows:
        until = visible_until(view, window)
        end = forever.copy() if until is None else exp.Coalesce(this=until, expressions=[forever.copy()])
        spans.append(
            exp.Struct(
                expressions=[
                    exp.PropertyEQ(this=exp.to_identifier("since"), expression=visible_from(view, window)),
                    exp.PropertyEQ(this=exp.to_identifier("until"), expression=end),
                ]
            )
        )
    held = alias(exp.Unnest(expressions=[exp.array(*spans, copy=False)]), "span")
    listed = select([*map(column, keys), held], "events").subquery("held", copy=False)
    reaches = shape("span.since < span.until AND span.since <= _last AND span.until > _before",
                    _last=_variable("last_us"), _before=_variable("before_us"))  # fmt: skip
    stretches = select(
        [
            *map(column, keys),
            alias(shape("GREATEST(span.since, _before + 1)", _before=_variable("before_us")), "since"),
            alias(shape("LEAST(span.until, _last + 1)", _last=_variable("last_us")), "until"),
        ],
        listed,
    ).where(reaches, copy=False)
    by_key = ", ".join(f"_{place}" for place in range(len(keys)))
    named = {f"_{place}": column(name) for place, name in enumerate(keys)}
    furthest = shape(
        f"MAX(until) OVER (PARTITION BY {by_key} ORDER BY since ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)",
        **named,
    )
    chained = select([exp.Star(), alias(furthest, "furthest")], stretches.distinct(copy=False).subquery("stretches"))
    island = shape(
        "SUM(CASE WHEN since <= furthest THEN 0 ELSE 1 END)"
        f" OVER (PARTITION BY {by_key} ORDER BY since ROWS UNBOUNDED PRECEDING)",
        **named,
    )
    numbered = select([exp.Star(), alias(island, "island")], chained.subquery("chained", copy=False))
    merged = (
        select(
            [*map(column, keys), alias(shape("MIN(since)"), "since"), alias(shape("MAX(until)"), "until")],
            numbered.subquery("numbered", copy=False),
        )
        .group_by(*map(column, keys), column("island"), copy=False)
        .subquery("merged", copy=False)
    )
    return (
        select([*(column(name, "merged") for name in keys), column("at_us", "points")], merged)
        .join(
            table("points", "points"),
            on=shape("points.at_us >= merged.since AND points.previous_us < merged.until"),
            copy=False,
        )
        .distinct(copy=False)
    )


def _before(value: exp.Expr, keys: Sequence[str]) -> exp.Expr:
    return exp.Window(
        this=exp.Lag(this=value),
        partition_by=[column(name) for name in keys],
        order=exp.Order(expressions=[exp.Ordered(this=column("_at_us"))]),
    )


def _variable(name: str) -> exp.Expr:
    """A variable of the session, which the engine takes for a constant."""
    return exp.Anonymous(this="GETVARIABLE", expressions=[exp.Literal.string(name)])


def _text_of(change: Change) -> exp.Expr:
    return exp.Literal.string(change.value)


def _text(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb", identify=True, comments=False)
