"""A feature view carried forward: from its rows as of one instant to those as of a later, by what changed between.

A view that looks far back would read all of that at each refresh. Where its aggregates have states that add, subtract
or compare, its table keeps them beside the features, and a refresh reads only the events that entered or left a
window since the last one. What cannot be carried forward (a median, a sum of floats, a maximum whose event has left)
is computed again, for the entities alone whose value may have changed.

The states are the same, to the last digit, as those computed from all events: what is added is of exact types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

import sqlglot
from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.model.nodes import AggregateCall, Feature, FeatureView
from fpc.plan.advance import Carried, Carry, StateColumn, carried_calls, rows_kept, state_columns, windows_of
from fpc.plan.nodes import build
from fpc.plan.visibility import Edges
from fpc.sql.aggregates import fill, lower_call
from fpc.sql.events import columns_read, conditions_of
from fpc.sql.features import feature_value
from fpc.sql.snapshot import entity_keys, finish
from fpc.sql.staging import EVENT_AT, KNOWN_AT
from fpc.sql.trees import cast, clone, column, conjunction, disjunction, named, rebuild, select
from fpc.types.logical import LogicalType

_ENTERED: Final = "entered"
_WINDOW: Final = "in_window"


def lower_from_events(view: FeatureView, staged: exp.Table, as_of: exp.Expr) -> exp.Select:
    """The view with its states, from all events: the columns of `lower_snapshot`, then `state_columns`."""
    plan = build(view)
    hull = plan.snapshot.visible.hull
    events = _events(view, staged, _visible(hull, as_of, view))
    states = [*entity_keys(view), *_states(view, [_narrower(edges, hull, as_of) for edges in windows_of(view)])]
    steps = {"events": events, "states": select(states, "events", group_by=len(view.key_columns))}
    comments = {
        "events": plan.snapshot.visible.description,
        "states": "One row per entity: what the next refresh goes on from.",
    }
    return _finished(view, as_of, steps, comments)


def lower_advance(
    view: FeatureView, staged: exp.Table, previous: exp.Table, since: exp.Expr, as_of: exp.Expr
) -> exp.Select:
    """The same rows, from those of `previous`, the view's table as of the earlier instant `since`."""
    steps = {
        "previous": select([exp.Star()], previous),
        "changes": _changes(view, staged, since, as_of),
        "changed": _changed(view),
    }
    comments = {
        "changes": "Events that entered or left a window since the previous refresh, once for each window.",
        "changed": "What they add up to, for each entity that has any.",
        "states": "The previous states and the changes; entities without changes keep theirs.",
    }
    anew = _anew(view)
    if anew:
        steps["to_compute"] = _to_compute(view, anew)
        steps["computed"] = _computed(view, staged, as_of, anew)
        comments["to_compute"] = "Entities with a value that cannot be carried forward."
        comments["computed"] = "Those values from their events."
    steps["states"] = _carried_forward(view, anew)
    return _finished(view, as_of, steps, comments)


def _finished(view: FeatureView, as_of: exp.Expr, steps: dict[str, exp.Select], comments: dict[str, str]) -> exp.Select:
    """From the states, the features; then the derived ones, `as_of` and the states once more, to be kept."""
    calls = carried_calls(view)
    names = [key.name for key in view.entity.keys]
    kept = [column(one.name) for one in state_columns(view)]

    def value(feature: Feature) -> exp.Expr:
        return feature_value(feature, lambda call: _value(calls[feature.name, call.id], call), as_of)

    features = [named(value(feature), feature.name) for feature in view.features]
    steps["features"] = select([*map(column, names), *features, *kept], "states")
    comments["features"] = "One row per entity: the features over their states."
    return finish(build(view), as_of, steps, comments)


def _value(carried: Carried, call: AggregateCall) -> exp.Expr:
    """The call's value over the columns that are kept for it."""
    if carried.carry is Carry.ANEW:
        return column(carried.columns[0].name)
    template = _finaliser(call.function, call.argument_types[0] if call.argument_types else None)
    names = {one.state.name: one.name for one in carried.columns if one.state is not None}
    put = {name: column(kept) for name, kept in names.items()}
    value = rebuild(template, lambda node: put.get(node.name) if isinstance(node, exp.Column) else None)
    is_typed = isinstance(value, exp.Cast) or (
        isinstance(value, exp.Column) and carried.columns[0].type == str(call.type)
    )
    return value if is_typed else cast(value, call.type)


def _states(view: FeatureView, rows: Sequence[exp.Expr | None]) -> Iterator[exp.Expr]:
    """Each column that is kept, aggregated over events; `rows` are each window's conditions."""
    for carried in _distinct(view):
        for kept in carried.columns:
            yield named(_aggregated(view, carried, kept, rows[carried.window]), kept.name)


def _aggregated(view: FeatureView, carried: Carried, kept: StateColumn, rows: exp.Expr | None) -> exp.Expr:
    if kept.state is None:
        return lower_call(carried.call, rows, has_known_time=view.source.known_time is not None)
    merged = _merged(kept, _update(carried, kept), conjunction(rows, carried.call.filter))
    return _typed(kept, exp.Coalesce(this=merged, expressions=[_zero()]) if kept.merge == "SUM" else merged)


def _changes(view: FeatureView, staged: exp.Table, since: exp.Expr, as_of: exp.Expr) -> exp.Select:
    parts: list[exp.Select] = []
    used = {carried.window for carried in _distinct(view)}
    for place, edges in enumerate(windows_of(view)):
        if place not in used:
            continue
        parts.append(_change(view, staged, place, exp.true(), _entering(edges, since, as_of, view)))
        if edges.reach is not None:
            parts.append(_change(view, staged, place, exp.false(), _leaving(edges, since, as_of, view)))
    union: exp.Query = parts[0]
    for part in parts[1:]:
        union = exp.Union(this=union, expression=part, distinct=False)
    return select([exp.Star()]).from_(exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("moved"))))


def _change(
    view: FeatureView, staged: exp.Table, place: int, entered: exp.Expr, conditions: Iterable[exp.Expr]
) -> exp.Select:
    columns = [column(name) for name in _columns(view)]
    marks = [named(exp.Literal.number(place), _WINDOW), named(entered, _ENTERED)]
    return select([*columns, *marks], staged, where=(*conditions_of(view), *conditions))


def _entering(edges: Edges, since: exp.Expr, as_of: exp.Expr, view: FeatureView) -> Iterator[exp.Expr]:
    """Visible now, and not at the previous refresh: then too young, or not known."""
    yield _visible(edges, as_of, view)
    young = _negated(edges.before_end(column(EVENT_AT), since))
    if view.source.known_time is None:
        yield young
    elif edges.offset == 0:
        # What is known only now may have happened at any time; what happened since is known since.
        yield _negated(edges.is_known(column(KNOWN_AT), since))
    else:
        yield disjunction([young, _negated(edges.is_known(column(KNOWN_AT), since))])


def _leaving(edges: Edges, since: exp.Expr, as_of: exp.Expr, view: FeatureView) -> Iterator[exp.Expr]:
    """Visible at the previous refresh, and too old now."""
    yield _visible(edges, since, view)
    start = edges.after_start(column(EVENT_AT), as_of)
    assert start is not None
    yield _negated(start)


def _changed(view: FeatureView) -> exp.Select:
    keys = [named(key, f"_key_{place}") for place, key in enumerate(_bare_keys(view))]
    columns: list[exp.Expr] = []
    for carried in _distinct(view):
        here = _sql("in_window = w", w=exp.Literal.number(carried.window))
        if carried.carry is Carry.ANEW:
            (kept,) = carried.columns
            columns.append(named(_sql("COALESCE(BOOL_OR(c), FALSE)", c=here), f"{kept.name}_touched"))
            continue
        condition = conjunction(here, carried.call.filter)
        for kept in carried.columns:
            update = _update(carried, kept)
            if carried.carry is Carry.ADDED:
                signed = _sql("CASE WHEN entered THEN u ELSE -(u) END", u=update)
                total = exp.Coalesce(this=_merged(kept, signed, condition), expressions=[_zero()])
                columns.append(named(total, f"{kept.name}_change"))
                continue
            came = conjunction(condition, column(_ENTERED))
            columns.append(named(_merged(kept, update, came), f"{kept.name}_in"))
            if windows_of(view)[carried.window].reach is not None:
                went = conjunction(condition, exp.Not(this=column(_ENTERED)))
                columns.append(named(_merged(kept, clone(update), went), f"{kept.name}_out"))
    return select([*keys, *columns], "changes", group_by=len(keys))


def _anew(view: FeatureView) -> list[Carried]:
    """What may have to be computed from events again."""
    windows = windows_of(view)
    return [
        carried
        for carried in _distinct(view)
        if carried.carry is Carry.ANEW
        or (carried.carry is Carry.COMPARED and windows[carried.window].reach is not None)
    ]


def _to_compute(view: FeatureView, anew: list[Carried]) -> exp.Select:
    names = [f"_key_{place}" for place, _ in enumerate(view.key_columns)]
    touched = disjunction(_must_compute(carried) for carried in anew)
    return _joined(select(_of("changed", names), "changed", where=[touched]), view)


def _must_compute(carried: Carried) -> exp.Expr:
    (kept,) = carried.columns
    if carried.carry is Carry.ANEW:
        # An entity without a row has no value to keep: even of no events at all, a count is 0.
        touched = _in(f"{kept.name}_touched", "changed")
        return exp.Paren(this=_sql("t OR e IS NULL", t=touched, e=_in("_events", "previous")))
    compare = "o >= p" if kept.merge == "MAX" else "o <= p"
    return exp.Paren(
        this=_sql(f"COALESCE({compare}, FALSE)", o=_in(f"{kept.name}_out", "changed"), p=_in(kept.name, "previous"))
    )


def _computed(view: FeatureView, staged: exp.Table, as_of: exp.Expr, anew: list[Carried]) -> exp.Select:
    """The values from the events in their windows, for the entities of `to_compute`, those without events included."""
    windows = windows_of(view)
    rows = [_visible(edges, as_of, view) for edges in windows]
    keys = [f"_key_{place}" for place, _ in enumerate(view.key_columns)]
    wanted = disjunction(clone(rows[place]) for place in dict.fromkeys(carried.window for carried in anew))
    in_reach = _sql("x IS NOT NULL", x=column(EVENT_AT))
    events = exp.Subquery(
        this=select(
            [
                *(named(key, name) for key, name in zip(_bare_keys(view), keys, strict=True)),
                *map(column, _columns(view)),
            ],
            staged,
            where=(*conditions_of(view), exp.Paren(this=wanted)),
        ),
        alias=exp.TableAlias(this=exp.to_identifier("events")),
    )
    values = [
        named(_aggregated(view, carried, kept, conjunction(in_reach, rows[carried.window])), kept.name)
        for carried in anew
        for kept in carried.columns
    ]
    query = select([*map(column, keys), *values], "to_compute", group_by=len(keys))
    return query.join(events, using=[*keys], join_type="left", copy=False)


def _carried_forward(view: FeatureView, anew: list[Carried]) -> exp.Select:
    names = [key.name for key in view.entity.keys]
    keys = [f"_key_{place}" for place, _ in enumerate(names)]
    kept = [column(one.name) for one in state_columns(view)]
    merged = [named(_in(key, "changed"), name) for key, name in zip(keys, names, strict=True)]
    for carried in _distinct(view):
        merged += [named(_next(view, carried, one), one.name) for one in carried.columns]
    changed = _joined(select(merged, "changed"), view)
    if anew:
        changed = changed.join("computed", using=[*keys], join_type="left", copy=False)
    same = conjunction(
        *(
            exp.EQ(this=_in(key, "changed"), expression=_in(name, "previous"))
            for key, name in zip(keys, names, strict=True)
        )
    )
    assert same is not None
    unchanged = select([*map(column, names), *map(clone, kept)], "previous").where(
        exp.Not(this=exp.Exists(this=select([exp.Literal.number(1)], "changed", where=[same]))), copy=False
    )
    both = exp.Subquery(
        this=exp.Union(this=changed, expression=unchanged, distinct=False),
        alias=exp.TableAlias(this=exp.to_identifier("entities")),
    )
    return select([exp.Star()], where=[_sql("_events > 0")]).from_(both, copy=False)


def _next(view: FeatureView, carried: Carried, kept: StateColumn) -> exp.Expr:
    """The column as of this refresh, over `changed`, `previous` and `computed`."""
    before, computed = _in(kept.name, "previous"), _in(kept.name, "computed")
    if carried.carry is Carry.ADDED:
        return _typed(kept, _sql("COALESCE(p, 0) + d", p=before, d=_in(f"{kept.name}_change", "changed")))
    if carried.carry is Carry.ANEW:
        return _sql("CASE WHEN t THEN c ELSE p END", t=_must_compute(carried), c=computed, p=before)
    compare = ">" if kept.merge == "MAX" else "<"
    came = _in(f"{kept.name}_in", "changed")
    if windows_of(view)[carried.window].reach is None:
        return _sql(f"CASE WHEN p IS NULL OR i {compare} p THEN COALESCE(i, p) ELSE p END", i=came, p=before)
    return _sql(
        f"CASE WHEN l THEN c WHEN p IS NULL OR i {compare} p THEN COALESCE(i, p) ELSE p END",
        l=_must_compute(carried),
        c=computed,
        i=came,
        p=before,
    )


def _joined(query: exp.Select, view: FeatureView) -> exp.Select:
    """The query over `changed`, with the entity's previous row where it has one."""
    same = conjunction(
        *(
            exp.EQ(this=_in(f"_key_{place}", "changed"), expression=_in(key.name, "previous"))
            for place, key in enumerate(view.entity.keys)
        )
    )
    return query.join("previous", on=same, join_type="left", copy=False)


def _events(view: FeatureView, staged: exp.Table, visible: exp.Expr) -> exp.Select:
    return select(map(column, _columns(view)), staged, where=(*conditions_of(view), visible))


def _columns(view: FeatureView) -> list[str]:
    return list(dict.fromkeys((*columns_read(view), EVENT_AT, KNOWN_AT)))


def _bare_keys(view: FeatureView) -> Iterator[exp.Expr]:
    """The entity's keys as expressions, without their names."""
    for key in entity_keys(view):
        yield key.this if isinstance(key, exp.Alias) else key


def _narrower(edges: Edges, hull: Edges, instant: exp.Expr) -> exp.Expr | None:
    """What a window asks of events that lie in the stretch that holds all windows."""
    start = edges.after_start(column(EVENT_AT), instant) if edges.reach != hull.reach else None
    return conjunction(start, edges.before_end(column(EVENT_AT), instant) if edges.offset != hull.offset else None)


def _visible(edges: Edges, instant: exp.Expr, view: FeatureView) -> exp.Expr:
    start = edges.after_start(column(EVENT_AT), instant)
    known = edges.is_known(column(KNOWN_AT), instant) if view.source.known_time is not None else None
    visible = conjunction(start, edges.before_end(column(EVENT_AT), instant), known)
    assert visible is not None
    return visible


def _distinct(view: FeatureView) -> list[Carried]:
    """What is kept, each once, in the order of the table's columns."""
    found = {carried.columns[0].name: carried for carried in [*carried_calls(view).values(), rows_kept(view)]}
    return list(found.values())


def _update(carried: Carried, kept: StateColumn) -> exp.Expr:
    assert kept.state is not None
    return fill(_parsed(kept.state.update), carried.call, None)


def _merged(kept: StateColumn, update: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    merge = {"SUM": exp.Sum, "MAX": exp.Max, "MIN": exp.Min}[kept.merge](this=update)
    return merge if condition is None else exp.Filter(this=merge, expression=exp.Where(this=condition))


def _typed(kept: StateColumn, value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build(kept.type, dialect="duckdb"))


def _negated(comparison: exp.Expr) -> exp.Expr:
    """The opposite of a comparison of two values that are not null."""
    left, right = comparison.this, comparison.expression
    match comparison:
        case exp.LT():
            return exp.GTE(this=left, expression=right)
        case exp.LTE():
            return exp.GT(this=left, expression=right)
        case exp.GT():
            return exp.LTE(this=left, expression=right)
        case exp.GTE():
            return exp.LT(this=left, expression=right)
        case _:
            raise AssertionError(comparison)


def _in(name: str, table: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier(name), table=exp.to_identifier(table))


def _of(table: str, names: Iterable[str]) -> list[exp.Expr]:
    return [_in(name, table) for name in names]


def _zero() -> exp.Expr:
    return exp.Literal.number(0)


def _sql(pattern: str, **nodes: exp.Expr) -> exp.Expr:
    """A constant pattern with each column named in `nodes` replaced."""

    def put(node: exp.Expr) -> exp.Expr | None:
        if isinstance(node, exp.Column) and not node.table and node.name in nodes:
            found = clone(nodes[node.name])
            loose = isinstance(found, (exp.Binary, exp.Unary, exp.Case)) and isinstance(
                node.parent, (exp.Binary, exp.Unary)
            )
            return exp.Paren(this=found) if loose else found
        return None

    return rebuild(_parsed(pattern), put)


@cache
def _parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")


@cache
def _finaliser(function: str, argument: LogicalType | None) -> exp.Expr:
    text = BY_NAME[function].finalise(argument)
    assert text is not None
    return _parsed(text)
