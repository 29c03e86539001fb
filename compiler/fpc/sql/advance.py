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
from fpc.aggregations.aggregation import State
from fpc.contract.registry import EVENTS
from fpc.model.nodes import AggregateCall, Feature
from fpc.plan.advance import Carry, Carrying, Kept
from fpc.plan.nodes import build, in_words
from fpc.plan.visibility import Edges, before
from fpc.sql.aggregates import fill, lower_call
from fpc.sql.events import columns_read, conditions_of
from fpc.sql.features import computed_value
from fpc.sql.snapshot import entity_keys, finish
from fpc.sql.staging import EVENT_AT, KNOWN_AT
from fpc.sql.trees import (
    cast,
    clone,
    column,
    conjunction,
    data_type,
    disjunction,
    is_not_null,
    join,
    named,
    own,
    rebuild,
    select,
)
from fpc.types.duration import Duration
from fpc.types.logical import LogicalType

_PREVIOUS: Final = "previous"
_CHANGES: Final = "changes"


def lower_from_events(plan: Carrying, staged: exp.Table, as_of: exp.Expr) -> exp.Select:
    """The view from all events: the columns of `lower_snapshot`, and before the derived ones those that are kept."""
    view = plan.view
    events = _events(plan, staged, _visible(plan.hull, as_of, plan))
    states = [*entity_keys(view), *_states(plan, [_narrower(edges, plan.hull, as_of) for edges in plan.windows])]
    steps = {"events": events, "states": select(states, "events", group_by=len(view.key_columns))}
    comments = {
        "events": build(view).snapshot.visible.description,
        "states": "One row per entity: what the next refresh goes on from.",
    }
    return _finished(plan, as_of, steps, comments)


def lower_advance(
    plan: Carrying, staged: exp.Table, previous: exp.Table, since: exp.Expr, as_of: exp.Expr
) -> exp.Select:
    """The same rows, from those of `previous`, the view's table as of the earlier instant `since`.

    Where the table is carried forward in place these are not all: they are the rows of the entities of which an event
    entered or left a window, with no event in `_events` where none is left. What to do with them is the model's
    materialization's to say (`fpc.emit.dbt.carried`).
    """
    previous = exp.Table(this=clone(previous.this), alias=exp.TableAlias(this=exp.to_identifier(_PREVIOUS)))
    steps = {"moved": _moved(plan, staged, since, as_of), "changes": _changes(plan)}
    comments = {
        "moved": "Events that entered or left a window since the previous refresh; null: neither.",
        "changes": "What they change, added up by entity.",
        "states": "The previous states and the changes.",
    }
    anew = _anew(plan)
    for place, columns in anew.items():
        steps[f"to_compute_{place}"] = _to_compute(plan, previous, place, columns, since, as_of)
        steps[f"reached_{place}"] = _reached(plan, staged, as_of, place)
        steps[f"gathered_{place}"] = _gathered(plan, place)
        steps[_computed(place)] = _values_anew(plan, place, columns)
        edges = in_words(plan.windows[place], "event_at")
        comments[f"to_compute_{place}"] = f"Entities with a value of {edges} that cannot be carried forward."
        comments[_computed(place)] = "Those values from their events."
    steps["states"] = _carried_forward(plan, previous, list(anew))
    return _finished(plan, as_of, steps, comments)


def _finished(plan: Carrying, as_of: exp.Expr, steps: dict[str, exp.Select], comments: dict[str, str]) -> exp.Select:
    """From the states, the features; then the derived ones, `as_of` and the states once more, to be kept."""
    calls = plan.calls
    names = [key.name for key in plan.view.entity.keys]
    kept = [column(one.name) for one in plan.columns if one.stored == one.name]

    def value(feature: Feature) -> exp.Expr:
        return computed_value(feature, lambda call: _value(calls[feature.name, call.id], call), as_of)

    features = [named(value(feature), feature.name) for feature in plan.view.features]
    steps["features"] = select([*map(column, names), *features, *kept], "states")
    comments["features"] = "One row per entity: the features over their states."
    return finish(build(plan.view), as_of, steps, comments)


def _value(kept: tuple[Kept, ...], call: AggregateCall) -> exp.Expr:
    """The call's value over the columns that are kept for it."""
    if kept[0].carry is Carry.ANEW:
        return column(kept[0].name)
    argument = call.argument_types[0] if call.argument_types else None
    template = _finaliser(call.function, argument)
    states = BY_NAME[call.function].states(argument)
    put = {state.name: _held(state, one, argument) for state, one in zip(states, kept, strict=True)}
    value = rebuild(template, lambda node: put.get(node.name) if isinstance(node, exp.Column) else None)
    is_typed = isinstance(value, exp.Cast) or (isinstance(value, exp.Column) and kept[0].type == str(call.type))
    return value if is_typed else cast(value, call.type)


def _held(state: State, kept: Kept, argument: LogicalType | None) -> exp.Expr:
    """The state, of the column that holds it."""
    if kept.state == state:
        return column(kept.name)
    # A total of decimals, which the finaliser wants in whole units of the last digit.
    assert argument is not None
    return _sql(f"CAST(t * 1{'0' * (argument.scale or 0)} AS HUGEINT)", t=column(kept.name))


def _states(plan: Carrying, rows: Sequence[exp.Expr | None]) -> Iterator[exp.Expr]:
    """Each column that is kept, aggregated over events; `rows` are each window's conditions."""
    for kept in plan.columns:
        yield named(_aggregated(plan, kept, rows[kept.window]), kept.name)


def _aggregated(plan: Carrying, kept: Kept, rows: exp.Expr | None) -> exp.Expr:
    if kept.state is None:
        return lower_call(kept.call, rows, has_known_time=plan.view.source.known_time is not None)
    merged = _merged(kept, _update(kept), conjunction(rows, _filter(kept.call)))
    return _typed(kept, exp.Coalesce(this=merged, expressions=[_zero()]) if kept.merge == "SUM" else merged)


def _moved(plan: Carrying, staged: exp.Table, since: exp.Expr, as_of: exp.Expr) -> exp.Select:
    """The events of which some window's columns must know, each once, and for each window whether it entered or left.

    One scan for all windows: its condition is an OR of stretches of time, by which files and row groups are left out.
    """
    columns: list[exp.Expr] = [*map(column, _columns(plan))]
    furthest: dict[int, Edges] = {}
    left = []
    for place in _used(plan):
        edges = plan.windows[place]
        entered = _all(_entering(edges, since, as_of, plan))
        columns.append(named(_entered_or_left(plan, edges, entered, since, as_of), _entered(place)))
        if edges.reach is not None:
            left.append(exp.Paren(this=_all(_leaving(edges, since, as_of, plan))))
        if edges.offset not in furthest or _is_further(edges, furthest[edges.offset]):
            furthest[edges.offset] = edges
    entries = (exp.Paren(this=_all(_entering(edges, since, as_of, plan))) for edges in furthest.values())
    some = exp.Paren(this=disjunction([*entries, *left]))
    return select(columns, staged, where=(*conditions_of(plan.view), some))


def _entered_or_left(plan: Carrying, edges: Edges, entered: exp.Expr, since: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    """True where the event entered the window, false where it left, else null."""
    case = exp.Case(ifs=[exp.If(this=entered, true=exp.true())])
    if edges.reach is not None:
        case.append("ifs", exp.If(this=_all(_leaving(edges, since, as_of, plan)), true=exp.false()))
    return case


def _is_further(edges: Edges, than: Edges) -> bool:
    return than.reach is not None and (edges.reach is None or edges.reach > than.reach)


def _changes(plan: Carrying) -> exp.Select:
    """Per entity what entered and left, for each column that is kept."""
    keys = [*entity_keys(plan.view)]
    columns = [*keys]
    for place in sorted({kept.window for kept in plan.columns if kept.carry is Carry.ANEW}):
        columns.append(named(exp.LogicalOr(this=is_not_null(column(_entered(place)))), _touched(place)))
    for kept in plan.columns:
        columns += _change_of(kept, plan.windows[kept.window])
    return select(columns, "moved", group_by=len(keys))


def _change_of(kept: Kept, edges: Edges) -> Iterator[exp.Expr]:
    if kept.carry is Carry.ANEW:
        return
    condition, update, entered = _filter(kept.call), _update(kept), column(_entered(kept.window))
    if kept.carry is Carry.ADDED and edges.reach is not None:
        # The least whole number has no opposite in its own type.
        opposite = "-CAST(u AS HUGEINT)" if kept.type == "hugeint" else "-(u)"
        signed = _sql(f"CASE WHEN e THEN u WHEN NOT e THEN {opposite} END", e=entered, u=update)
        yield named(_merged(kept, signed, condition), f"{kept.name}_change")
        return
    if kept.carry is Carry.ADDED:
        yield named(_merged(kept, update, conjunction(entered, condition)), f"{kept.name}_change")
        return
    # CASE, not FILTER: DuckDB then goes through the rows once for all of them.
    came = _sql("CASE WHEN e THEN u END", e=entered, u=update)
    yield named(_merged(kept, came, condition), f"{kept.name}_in")
    if edges.reach is not None:
        went = _sql("CASE WHEN NOT e THEN u END", e=entered, u=update)
        yield named(_merged(kept, went, condition), f"{kept.name}_out")


def _used(plan: Carrying) -> list[int]:
    return sorted({kept.window for kept in plan.columns})


def _entered(place: int) -> str:
    """Where the events that moved say whether they entered or left a window."""
    return f"_entered_{place}"


def _touched(place: int) -> str:
    """Where the changes say whether any event entered or left a window."""
    return f"_touched_{place}"


def _all(conditions: Iterable[exp.Expr]) -> exp.Expr:
    joined = conjunction(*conditions)
    assert joined is not None
    return joined


def _entering(edges: Edges, since: exp.Expr, as_of: exp.Expr, plan: Carrying) -> Iterator[exp.Expr]:
    """Visible now, and not at the previous refresh: then too young, or not known."""
    yield _visible(edges, as_of, plan)
    young = _negated(edges.before_end(column(EVENT_AT), since))
    if plan.view.source.known_time is None:
        yield young
    elif edges.offset == 0:
        # What is known only now may have happened at any time; what happened since is known since.
        yield _negated(edges.is_known(column(KNOWN_AT), since))
    else:
        yield disjunction([young, _negated(edges.is_known(column(KNOWN_AT), since))])


def _leaving(edges: Edges, since: exp.Expr, as_of: exp.Expr, plan: Carrying) -> Iterator[exp.Expr]:
    """Visible at the previous refresh, and too old now."""
    yield _visible(edges, since, plan)
    start = edges.after_start(column(EVENT_AT), as_of)
    assert start is not None
    yield _negated(start)


def _anew(plan: Carrying) -> dict[int, list[Kept]]:
    """What may have to be computed from events again, by window."""
    found: dict[int, list[Kept]] = {}
    for kept in plan.columns:
        stays = kept.carry is Carry.COMPARED and plan.windows[kept.window].reach is None
        if kept.carry is not Carry.ADDED and not stays:
            found.setdefault(kept.window, []).append(kept)
    return found


def _computed(place: int) -> str:
    """The name of the step that computes values of one window anew."""
    return f"computed_{place}"


def _to_compute(
    plan: Carrying, previous: exp.Table, place: int, anew: list[Kept], since: exp.Expr, as_of: exp.Expr
) -> exp.Select:
    names = [key.name for key in plan.view.entity.keys]
    touched = disjunction(_must_compute(kept) for kept in anew)
    keys = [named(_in(name, _CHANGES), f"_key_{number}") for number, name in enumerate(names)]
    conditions = [touched]
    if all(kept.carry is Carry.COMPARED for kept in anew):
        conditions.append(_may_stay(plan.windows[place], since, as_of))
    query = select(keys, _CHANGES, where=conditions)
    return join(query, "left", previous, _same_entity(_CHANGES, _PREVIOUS, names))


def _may_stay(edges: Edges, since: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    """Whether what was in the window at the previous refresh can still be in it: else all that is in it entered."""
    start = edges.after_start(before(since, Duration(edges.offset)), as_of)
    assert start is not None
    if edges.start_closed and edges.end_closed:
        return start
    return exp.GT(this=start.this, expression=start.expression)


def _must_compute(kept: Kept) -> exp.Expr:
    if kept.carry is Carry.ANEW:
        # An entity without a row has no value to keep: even of no events at all, a count is 0.
        moved, known = _in(_touched(kept.window), _CHANGES), _in(EVENTS, _PREVIOUS)
        return exp.Paren(this=_sql("m OR e IS NULL", m=moved, e=known))
    # What left was the furthest, and nothing that entered is further.
    template = (
        "COALESCE(o >= p, FALSE) AND NOT COALESCE(i > p, FALSE)"
        if kept.merge == "MAX"
        else "COALESCE(o <= p, FALSE) AND NOT COALESCE(i < p, FALSE)"
    )
    went, came = _in(f"{kept.name}_out", _CHANGES), _in(f"{kept.name}_in", _CHANGES)
    return exp.Paren(this=_sql(template, o=went, i=came, p=_in(kept.stored, _PREVIOUS)))


def _reached(plan: Carrying, staged: exp.Table, as_of: exp.Expr, place: int) -> exp.Select:
    """The events of one window, with the entity's keys under names that no column of the source has."""
    keys = (named(key, f"_key_{number}") for number, key in enumerate(_bare_keys(plan)))
    visible = _visible(plan.windows[place], as_of, plan)
    return select([*keys, *map(column, _columns(plan))], staged, where=(*conditions_of(plan.view), visible))


def _gathered(plan: Carrying, place: int) -> exp.Select:
    """Those of the entities to compute; one row without an event for an entity that has none."""
    keys = [f"_key_{number}" for number, _ in enumerate(plan.view.key_columns)]
    wanted, events = f"to_compute_{place}", f"reached_{place}"
    columns = [*(_in(key, wanted) for key in keys), *(_in(name, events) for name in _columns(plan))]
    on = _same_entity(wanted, events, keys)
    return join(select(columns, wanted), "left", events, on)


def _values_anew(plan: Carrying, place: int, anew: list[Kept]) -> exp.Select:
    keys = [named(column(f"_key_{number}"), key.name) for number, key in enumerate(plan.view.entity.keys)]
    is_there = is_not_null(column(EVENT_AT))
    values = [named(_aggregated(plan, kept, is_there), kept.name) for kept in anew]
    return select([*keys, *values], f"gathered_{place}", group_by=len(keys))


def _carried_forward(plan: Carrying, previous: exp.Table, anew: Sequence[int]) -> exp.Select:
    names = [key.name for key in plan.view.entity.keys]
    keys: list[exp.Expr] = [_in(name, _CHANGES) for name in names]
    if not plan.in_place:
        keys = [named(_sql("COALESCE(p, c)", p=_in(key.name, _PREVIOUS), c=key), key.name) for key in keys]
    query = select([*keys, *(named(_next(plan, one), one.name) for one in plan.columns)], _CHANGES)
    for table in map(_computed, anew):
        query = join(query, "left", table, _same_entity(_CHANGES, table, names))
    kind = "left" if plan.in_place else "full"
    entities = join(query, kind, previous, _same_entity(_CHANGES, _PREVIOUS, names))
    if plan.in_place:
        return entities
    source = exp.Subquery(this=entities, alias=exp.TableAlias(this=exp.to_identifier("carried")))
    found = select([exp.Star()], where=[_sql("n > 0", n=column(EVENTS))])
    found.set("from_", exp.From(this=source))
    return found


def _next(plan: Carrying, kept: Kept) -> exp.Expr:
    """The column as of this refresh, over the previous one, the changes, and what is computed anew."""
    earlier, computed = _in(kept.stored, _PREVIOUS), _in(kept.name, _computed(kept.window))
    if kept.carry is Carry.ADDED:
        moved = _in(f"{kept.name}_change", _CHANGES)
        return _typed(kept, _sql("COALESCE(p, 0) + COALESCE(d, 0)", p=earlier, d=moved))
    if kept.carry is Carry.ANEW:
        return _sql("CASE WHEN t THEN c ELSE p END", t=_must_compute(kept), c=computed, p=earlier)
    came = _in(f"{kept.name}_in", _CHANGES)
    furthest = (exp.Greatest if kept.merge == "MAX" else exp.Least)(this=earlier, expressions=[came], ignore_nulls=True)
    if plan.windows[kept.window].reach is None:
        return furthest
    # Where nothing is computed, nothing stayed: what is there entered.
    return _sql("CASE WHEN l THEN COALESCE(c, i) ELSE f END", l=_must_compute(kept), c=computed, i=came, f=furthest)


def _same_entity(left: str, right: str, keys: Iterable[str]) -> exp.Expr:
    same = conjunction(*(exp.EQ(this=_in(key, left), expression=_in(key, right)) for key in keys))
    assert same is not None
    return same


def _events(plan: Carrying, staged: exp.Table, visible: exp.Expr) -> exp.Select:
    return select(map(column, _columns(plan)), staged, where=(*conditions_of(plan.view), visible))


def _columns(plan: Carrying) -> list[str]:
    return list(dict.fromkeys((*columns_read(plan.view), EVENT_AT, KNOWN_AT)))


def _bare_keys(plan: Carrying) -> Iterator[exp.Expr]:
    """The entity's keys as expressions, without their names."""
    for key in entity_keys(plan.view):
        yield key.this if isinstance(key, exp.Alias) else key


def _narrower(edges: Edges, hull: Edges, instant: exp.Expr) -> exp.Expr | None:
    """What a window asks of events that lie in the stretch that holds all windows."""
    start = edges.after_start(column(EVENT_AT), instant) if edges.reach != hull.reach else None
    return conjunction(start, edges.before_end(column(EVENT_AT), instant) if edges.offset != hull.offset else None)


def _visible(edges: Edges, instant: exp.Expr, plan: Carrying) -> exp.Expr:
    start = edges.after_start(column(EVENT_AT), instant)
    known = edges.is_known(column(KNOWN_AT), instant) if plan.view.source.known_time is not None else None
    visible = conjunction(start, edges.before_end(column(EVENT_AT), instant), known)
    assert visible is not None
    return visible


def _update(kept: Kept) -> exp.Expr:
    assert kept.state is not None
    return fill(_parsed(kept.state.update), kept.call, None)


def _filter(call: AggregateCall) -> exp.Expr | None:
    return None if call.filter is None else clone(call.filter)


def _merged(kept: Kept, update: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    merge = {"SUM": exp.Sum, "MAX": exp.Max, "MIN": exp.Min}[kept.merge](this=update)
    return merge if condition is None else exp.Filter(this=merge, expression=exp.Where(this=condition))


def _typed(kept: Kept, value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=data_type(kept.type))


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


def _zero() -> exp.Expr:
    return exp.Literal.number(0)


def _sql(pattern: str, **nodes: exp.Expr) -> exp.Expr:
    """A constant pattern with each column named in `nodes` replaced."""

    def put(node: exp.Expr) -> exp.Expr | None:
        if isinstance(node, exp.Column) and not node.table and node.name in nodes:
            found = own(nodes[node.name])
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
