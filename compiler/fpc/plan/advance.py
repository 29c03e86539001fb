"""Which views are carried forward from one refresh to the next, and what each of their aggregates keeps for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.aggregations.aggregation import State
from fpc.aggregations.sum import TOTALLED
from fpc.contract.registry import EVENTS
from fpc.model.nodes import AggregateCall, Feature, FeatureView, FileLocation
from fpc.plan.nodes import build
from fpc.plan.visibility import Edges, edges_of
from fpc.types.logical import Kind, LogicalType

# A view that reaches back less reads little anyway, or, over so few refreshes, about as much when carried forward.
_WORTH_IT_REFRESHES = 20
_WORTH_IT_MICROSECONDS = 30 * 86_400_000_000
# Of these functions one state is the value, but for a null.
_STATE_THAT_IS_THE_VALUE = {"count": "n", "sum": "total", "min": "least", "max": "greatest"}
_COMPARED = {"MAX": "MAX", "MIN": "MIN", "BOOL_OR": "MAX", "BOOL_AND": "MIN"}


class Carry(Enum):
    """How an aggregate goes from one instant to the next."""

    ADDED = "added"  # states add what entered and subtract what left, exactly
    COMPARED = "compared"  # the greater, or less, of what there was and what entered; anew when it may have left
    ANEW = "anew"  # computed again where anything entered or left


@dataclass(frozen=True, slots=True)
class Kept:
    """A column of the view's table that readers never see: a state, or the value itself of what is computed anew.

    It is kept for `call` in one window (the `window`-th of the plan's); calls of one argument share a state. `type`
    is the column's type as DuckDB spells it; `merge` is SUM, MAX or MIN, and empty for a value. `stored` is the column
    of the table that holds it: `name`, or the feature that is the very same and so is not written twice.
    """

    name: str
    stored: str
    type: str
    call: AggregateCall
    window: int
    carry: Carry
    state: State | None
    merge: str


def advances(view: FeatureView) -> bool:
    """Whether the view is carried forward: it looks far back, and what it has read does not change afterwards.

    Versions of an event change what was read; so does `AS_OF()` inside an aggregate. Sources that are tables are left
    out because nothing tells whether their old rows are as they were.
    """
    visible = build(view).snapshot.visible
    if view.source.unique_key or not isinstance(view.source.location, FileLocation) or visible.has_gaps:
        return False
    if any(_reads_instant(call) for feature in view.features for call in feature.aggregates):
        return False
    reach, every = visible.hull.reach, 0 if view.grid.every is None else view.grid.every.microseconds
    return reach is None or reach >= max(_WORTH_IT_MICROSECONDS, _WORTH_IT_REFRESHES * every)


@dataclass(frozen=True, slots=True)
class Carrying:
    """How a view is carried forward.

    `windows` are its different windows, and the stretch that holds them all (`hull`) where it is none of them; `calls`
    says what is kept for each aggregate call, by feature and call id; `columns` is all that is kept, in the order of
    the table. `in_place`: the rows of entities of which no event entered or left a window stay as they are, but for
    `as_of`; not so where a feature reads `AS_OF()`, whose rows all change, so that the table is written whole.
    """

    view: FeatureView
    windows: tuple[Edges, ...]
    hull: Edges
    calls: Mapping[tuple[str, str], tuple[Kept, ...]]
    columns: tuple[Kept, ...]
    in_place: bool


def carrying(view: FeatureView) -> Carrying:
    """The plan of a view that is carried forward (see `advances`)."""
    visible = build(view).snapshot.visible
    places = {window: place for place, window in enumerate(visible.windows)}
    windows = tuple(dict.fromkeys([*(edges_of(window, view.closed) for window in visible.windows), visible.hull]))
    events = _events(windows.index(visible.hull))
    shared = {_identity(events): events}
    taken = {EVENTS}
    calls = {
        (feature.name, call.id): tuple(
            shared.setdefault(_identity(kept), _untaken(kept, taken))
            for kept in _wanted(feature, call, places[feature.window])
        )
        for feature in view.features
        for call in feature.aggregates
    }
    held = _held_by_features(view, calls)
    stored = {key: tuple(replace(kept, stored=held.get(kept.name, kept.name)) for kept in calls[key]) for key in calls}
    columns = [events, *(kept for call in stored.values() for kept in call)]
    distinct = tuple({kept.name: kept for kept in columns}.values())
    return Carrying(view, windows, visible.hull, stored, distinct, in_place=not _changes_with_time(view))


def _held_by_features(view: FeatureView, calls: Mapping[tuple[str, str], tuple[Kept, ...]]) -> dict[str, str]:
    """By a column's name, the feature that holds the same; a sum may be null there, which stands for zero."""
    held: dict[str, str] = {}
    for feature in view.features:
        is_bare = isinstance(feature.expression, exp.Column) and len(feature.aggregates) == 1
        if not is_bare or feature.default is not None:
            continue
        (call,) = feature.aggregates
        for kept in calls[feature.name, call.id]:
            is_value = kept.state is None or kept.state.name == _STATE_THAT_IS_THE_VALUE.get(call.function)
            # Whether an entity has a row is asked of `_events`, which every table has.
            if is_value and kept.name != EVENTS and kept.type == str(call.type) == str(feature.type):
                held.setdefault(kept.name, feature.name)
    return held


def _events(hull: int) -> Kept:
    call = AggregateCall("__a0", "count", (), (), (), None, LogicalType(Kind.BIGINT))
    (state,) = BY_NAME["count"].states(None)
    return Kept(EVENTS, EVENTS, "bigint", call, hull, Carry.ADDED, state, "SUM")


def _untaken(kept: Kept, taken: set[str]) -> Kept:
    """By another name where a state of another feature has it: of `x`, say, the least value, and of `x_least`."""
    name, number = kept.name, 1
    while name in taken:
        number += 1
        name = f"{kept.name}_{number}"
    taken.add(name)
    return replace(kept, name=name, stored=name)


def _identity(kept: Kept) -> tuple[object, ...]:
    """Equal for columns that hold the same."""
    call = kept.call
    texts = tuple(part.sql(dialect="duckdb") for part in call.arguments)
    condition = None if call.filter is None else call.filter.sql(dialect="duckdb")
    what = (call.function, call.parameters) if kept.state is None else (kept.state.update, kept.merge)
    return (kept.window, texts, condition, what, kept.type)


def _wanted(feature: Feature, call: AggregateCall, window: int) -> list[Kept]:
    argument = call.argument_types[0] if call.argument_types else None
    aggregation = BY_NAME[call.function]
    states = aggregation.states(argument)
    name = f"_{feature.name}" if len(feature.aggregates) == 1 else f"_{feature.name}_{call.id.strip('_')}"
    if states and aggregation.subtracts(argument):
        summed = (_as_summed(state, argument) for state in states)
        return [
            _kept(f"{name}_{state.name}", _summed_type(state, argument), call, window, Carry.ADDED, state, "SUM")
            for state in summed
        ]
    if len(states) == 1 and states[0].merge in _COMPARED:
        (state,) = states
        merge, type_ = _COMPARED[state.merge], _compared_type(state, call.type)
        return [_kept(f"{name}_{state.name}", type_, call, window, Carry.COMPARED, state, merge)]
    return [_kept(name, str(call.type), call, window, Carry.ANEW, None, "")]


def _kept(
    name: str, type_: str, call: AggregateCall, window: int, carry: Carry, state: State | None, merge: str
) -> Kept:
    return Kept(name, name, type_, call, window, carry, state, merge)


def _as_summed(state: State, argument: LogicalType | None) -> State:
    """The state, but a total of decimals as sums keep it: a deviation then needs no column of its own for that."""
    is_decimal = argument is not None and argument.kind is Kind.DECIMAL
    return TOTALLED if is_decimal and state.name == TOTALLED.name else state


def _summed_type(state: State, argument: LogicalType | None) -> str:
    if state.name == "n":
        return "bigint"
    if argument is not None and argument.kind is Kind.DECIMAL and "CAST" not in state.update:
        return f"decimal(38,{argument.scale})"
    return "hugeint"


def _compared_type(state: State, value: LogicalType) -> str:
    if state.update == "x":
        return str(value)
    return f"struct(event_at timestamptz, known_at timestamptz, value {value})"


def _changes_with_time(view: FeatureView) -> bool:
    return any(_holds_instant(output.expression) for output in view.outputs)


def _reads_instant(call: AggregateCall) -> bool:
    parts = call.arguments if call.filter is None else (*call.arguments, call.filter)
    return any(map(_holds_instant, parts))


def _holds_instant(tree: exp.Expr) -> bool:
    return any(node.name.upper() == "AS_OF" for node in tree.find_all(exp.Anonymous))
