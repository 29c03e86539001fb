"""The aggregate calls of a view, made uniform: each reads one masked input, and equal calls are asked once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from fpc.aggregations import BY_NAME, Aggregation
from fpc.model.nodes import AggregateCall, FeatureView, Window
from fpc.sql.training.names import RESERVED
from fpc.sql.trees import clone, conjunction
from fpc.types.logical import Kind, LogicalType


@dataclass(frozen=True, slots=True)
class Input:
    """A column of the events relation: `expression` over staged columns, null where the call's filter is not true.

    Every aggregation skips nulls, so a filter is a mask. `moves` says that the expression reads AS_OF(): it is then
    computed for each pair of event and instant, from raw columns, and is no column of the events relation.
    """

    name: str
    expression: exp.Expr
    type: LogicalType
    moves: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One aggregate over one window: `input` is None for COUNT(*) without a filter."""

    name: str
    function: str
    input: Input | None
    parameters: tuple[int | float, ...]
    window: Window
    type: LogicalType

    @property
    def aggregation(self) -> Aggregation:
        """The function's entry in `fpc.aggregations`."""
        return BY_NAME[self.function]

    @property
    def argument_type(self) -> LogicalType | None:
        """The input's type; None without an input."""
        return self.input.type if self.input else None

    @property
    def value_of_nothing(self) -> object:
        """What an empty group gives: 0 for counts, else None."""
        return self.aggregation.fold(self.parameters).finalise()

    def as_aggregate(self, argument: exp.Expr | None = None) -> AggregateCall:
        """The call over `argument`, by default the input's column: what `fpc.sql.aggregates` lowers."""
        arguments: tuple[exp.Expr, ...] = ()
        if self.input:
            arguments = (argument if argument is not None else exp.column(self.input.name, quoted=True),)
        types = (self.input.type,) if self.input else ()
        return AggregateCall(self.name, self.function, arguments, types, self.parameters, None, self.type)


@dataclass(frozen=True, slots=True)
class Calls:
    """All calls of a view, and which of them stands for each `(feature, id)`."""

    calls: tuple[Call, ...]
    inputs: tuple[Input, ...]
    by_use: dict[tuple[str, str], Call]


def collect(view: FeatureView, features: frozenset[str]) -> Calls:
    """The distinct calls of these features of the view; inputs get names that no key and no time column has."""
    taken = {key.lower() for key, _ in view.key_columns} | RESERVED
    inputs: dict[tuple[str, str], Input] = {}
    calls: dict[tuple[object, ...], Call] = {}
    by_use: dict[tuple[str, str], Call] = {}
    moving_where = view.where if view.where is not None and reads_as_of(view.where) else None
    for feature in view.features:
        if feature.name not in features:
            continue
        for use in feature.aggregates:
            read = _input(use, moving_where, inputs, taken)
            key = (use.function, read.name if read else None, use.parameters, feature.window, str(use.type))
            if key not in calls:
                name = _call_name(use.function, read, feature.window, {call.name for call in calls.values()})
                calls[key] = Call(name, use.function, read, use.parameters, feature.window, use.type)
            by_use[feature.name, use.id] = calls[key]
    return Calls(tuple(calls.values()), tuple(inputs.values()), by_use)


def reads_as_of(expression: exp.Expr) -> bool:
    """Whether the expression reads AS_OF()."""
    return any(node.name.upper() == "AS_OF" for node in expression.find_all(exp.Anonymous))


def _input(
    use: AggregateCall, where: exp.Expr | None, inputs: dict[tuple[str, str], Input], taken: set[str]
) -> Input | None:
    condition = conjunction(where, None if use.filter is None else clone(use.filter))
    argument = use.arguments[0] if use.arguments else None
    if argument is None and condition is None:
        return None
    type_ = use.argument_types[0] if use.argument_types else LogicalType(Kind.INTEGER)
    value = argument.copy() if argument is not None else exp.Literal.number(1)
    expression = value if condition is None else exp.Case().when(condition, value, copy=False)
    # A constant under no filter is a column too: COUNT(1).
    key = (expression.sql(dialect="duckdb"), str(type_))
    if key not in inputs:
        name = _free_name(argument if condition is None else None, taken)
        taken.add(name.lower())
        inputs[key] = Input(name, expression, type_, reads_as_of(expression))
    return inputs[key]


def _call_name(function: str, read: Input | None, window: Window, taken: set[str]) -> str:
    """What the call's column is named for: function, input, and window."""
    name = f"{function}_{read.name if read else 'rows'}_{window.length or 'lifetime'}"
    if window.offset.microseconds:
        name += f"_before_{window.offset}"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free


def _free_name(argument: exp.Expr | None, taken: set[str]) -> str:
    if isinstance(argument, exp.Column) and argument.name.lower() not in taken:
        return argument.name
    place = 0
    while f"input_{place}" in taken:
        place += 1
    return f"input_{place}"
