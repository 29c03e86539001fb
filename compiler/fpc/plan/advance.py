"""Which views are carried forward from one refresh to the next, and what each of their aggregates keeps for that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.aggregations.aggregation import State
from fpc.model.nodes import AggregateCall, Feature, FeatureView, FileLocation
from fpc.plan.nodes import build
from fpc.plan.visibility import Edges, edges_of
from fpc.types.logical import Kind, LogicalType

# A view that reaches back less reads little anyway, or, over so few refreshes, about as much when carried forward.
_WORTH_IT_REFRESHES = 20
_WORTH_IT_MICROSECONDS = 7 * 86_400_000_000
_COMPARED = {"MAX": "MAX", "MIN": "MIN", "BOOL_OR": "MAX", "BOOL_AND": "MIN"}


class Carry(Enum):
    """How an aggregate goes from one instant to the next."""

    ADDED = "added"  # states add what entered and subtract what left, exactly
    COMPARED = "compared"  # the greater, or less, of what there was and what entered; anew when it may have left
    ANEW = "anew"  # computed again where anything entered or left


@dataclass(frozen=True, slots=True)
class StateColumn:
    """A column of the view's table that readers never see: a state, or the value itself of what is computed anew.

    `type` is its type as DuckDB spells it; `merge` is SUM, MAX or MIN, and empty for a value.
    """

    name: str
    type: str
    state: State | None
    merge: str


@dataclass(frozen=True, slots=True)
class Carried:
    """One aggregate call in one window (the `window`-th of `windows_of`), and what is kept for it."""

    call: AggregateCall
    window: int
    carry: Carry
    columns: tuple[StateColumn, ...]


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


def windows_of(view: FeatureView) -> tuple[Edges, ...]:
    """The view's different windows, and the stretch that holds them all where it is none of them."""
    visible = build(view).snapshot.visible
    return tuple(dict.fromkeys([*(edges_of(window, view.closed) for window in visible.windows), visible.hull]))


def carried_calls(view: FeatureView) -> dict[tuple[str, str], Carried]:
    """What is kept for each aggregate call, by feature and call id; equal calls in one window share it."""
    windows = {window: place for place, window in enumerate(build(view).snapshot.visible.windows)}
    kept: dict[tuple[object, ...], Carried] = {}
    found = {}
    for feature in view.features:
        for call in feature.aggregates:
            place = windows[feature.window]
            parts = (*call.arguments, *([] if call.filter is None else [call.filter]))
            texts = tuple(part.sql(dialect="duckdb") for part in parts)
            same = (call.function, call.parameters, call.argument_types, texts, call.filter is None, place)
            if same not in kept:
                kept[same] = _carried(feature, call, place)
            found[feature.name, call.id] = kept[same]
    return found


def rows_kept(view: FeatureView) -> Carried:
    """How many events the entity has in any window: where none is left, so is the entity's row."""
    column = StateColumn("_events", "bigint", State("n", "1", "SUM"), "SUM")
    call = AggregateCall("__a0", "count", (), (), (), None, LogicalType(Kind.BIGINT))
    hull = windows_of(view).index(build(view).snapshot.visible.hull)
    return Carried(call, hull, Carry.ADDED, (column,))


def state_columns(view: FeatureView) -> tuple[StateColumn, ...]:
    """Every column that is kept, in the order of the table."""
    carried = [*carried_calls(view).values(), rows_kept(view)]
    return tuple({column.name: column for one in carried for column in one.columns}.values())


def _carried(feature: Feature, call: AggregateCall, window: int) -> Carried:
    argument = call.argument_types[0] if call.argument_types else None
    aggregation = BY_NAME[call.function]
    states = aggregation.states(argument)
    # What follows the last two underscores is ours, so that no feature's name can make two of these columns one.
    name = f"_{feature.name}_" if len(feature.aggregates) == 1 else f"_{feature.name}__{call.id.strip('_')}"
    if states and aggregation.subtracts(argument):
        columns = tuple(
            StateColumn(f"{name}_{state.name}", _summed_type(state, argument), state, "SUM") for state in states
        )
        return Carried(call, window, Carry.ADDED, columns)
    if len(states) == 1 and states[0].merge in _COMPARED:
        (state,) = states
        column = StateColumn(f"{name}_{state.name}", _compared_type(state, call.type), state, _COMPARED[state.merge])
        return Carried(call, window, Carry.COMPARED, (column,))
    return Carried(call, window, Carry.ANEW, (StateColumn(f"{name}_value", str(call.type), None, ""),))


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


def _reads_instant(call: AggregateCall) -> bool:
    parts = call.arguments if call.filter is None else (*call.arguments, call.filter)
    return any(node.name.upper() == "AS_OF" for part in parts for node in part.find_all(exp.Anonymous))
