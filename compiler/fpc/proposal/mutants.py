"""Small mistakes made on purpose in a view's logic: an example is worth what it notices of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.model.nodes import AggregateCall, Closed, DerivedFeature, Feature, FeatureView, Window
from fpc.types.duration import Duration

#: Another aggregation that a slip of the pen might have meant.
_SWAPS: Final = {
    "all": ("any",),
    "any": ("all",),
    "approx_count_distinct": ("count",),
    "avg": ("median", "max"),
    "count": ("count_distinct",),
    "count_distinct": ("count",),
    "first": ("last",),
    "first_k": ("last_k",),
    "last": ("first",),
    "last_k": ("first_k",),
    "max": ("min",),
    "median": ("avg",),
    "min": ("max",),
    "mode": ("last",),
    "stddev": ("stddev_pop",),
    "stddev_pop": ("stddev",),
    "sum": ("avg", "max"),
    "top_k": ("last_k",),
    "var_pop": ("variance",),
    "variance": ("var_pop",),
}
_OPERATORS: Final[dict[type[exp.Expr], tuple[type[exp.Expr], str, str]]] = {
    exp.LT: (exp.LTE, "<", "<="),
    exp.LTE: (exp.LT, "<=", "<"),
    exp.GT: (exp.GTE, ">", ">="),
    exp.GTE: (exp.GT, ">=", ">"),
    exp.EQ: (exp.NEQ, "=", "<>"),
    exp.NEQ: (exp.EQ, "<>", "="),
    exp.And: (exp.Or, "AND", "OR"),
    exp.Or: (exp.And, "OR", "AND"),
    exp.Add: (exp.Sub, "+", "-"),
    exp.Sub: (exp.Add, "-", "+"),
    exp.Mul: (exp.Div, "*", "/"),
    exp.Div: (exp.Mul, "/", "*"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake. `part` stands in for the output `target`; or for the whole view, and `target` is empty."""

    target: str
    mistake: str
    part: Feature | DerivedFeature | FeatureView

    def __str__(self) -> str:
        """The mistake in words, with where it was made."""
        return f"{self.target}: {self.mistake}" if self.target else self.mistake

    def applied(self, view: FeatureView) -> FeatureView:
        """The view with the mistake in it."""
        part = self.part
        match part:
            case FeatureView():
                return part
            case Feature():
                return replace(view, features=tuple(part if one.name == self.target else one for one in view.features))
            case DerivedFeature():
                return replace(view, derived=tuple(part if one.name == self.target else one for one in view.derived))


def mutants(view: FeatureView) -> tuple[Mutant, ...]:
    """Every mistake that is tried on a view, in the order of its outputs."""
    found = [*_of_view(view)]
    for feature in view.features:
        found += [Mutant(feature.name, mistake, part) for mistake, part in _of_feature(feature)]
    for derived in view.derived:
        found += [Mutant(derived.name, mistake, part) for mistake, part in _of_derived(derived)]
    return tuple(found)


def _of_view(view: FeatureView) -> Iterator[Mutant]:
    for closed in Closed:
        if closed is not view.closed:
            yield Mutant("", f"closed: {closed.value} in place of {view.closed.value}", replace(view, closed=closed))
    if view.where is not None:
        yield Mutant("", "where dropped", replace(view, where=None))
        for mistake, tree in _changed(view.where):
            yield Mutant("", f"where: {mistake}", replace(view, where=tree))
    source = view.source
    if source.known_time is not None:
        yield Mutant("", "known_time ignored", replace(view, source=replace(source, known_time=None)))
    if source.unique_key:
        yield Mutant("", "unique_key ignored", replace(view, source=replace(source, unique_key=())))


def _of_feature(feature: Feature) -> Iterator[tuple[str, Feature]]:
    for mistake, window in _windows(feature.window):
        yield mistake, replace(feature, window=window)
    for place, call in enumerate(feature.aggregates):
        for mistake, changed in _of_call(call):
            calls = (*feature.aggregates[:place], changed, *feature.aggregates[place + 1 :])
            yield mistake, replace(feature, aggregates=calls)
    for mistake, tree in _changed(feature.expression):
        yield mistake, replace(feature, expression=tree)
    if feature.default is not None:
        yield "default dropped", replace(feature, default=None)


def _of_derived(derived: DerivedFeature) -> Iterator[tuple[str, DerivedFeature]]:
    for mistake, tree in _changed(derived.expression):
        yield mistake, replace(derived, expression=tree)
    if derived.default is not None:
        yield "default dropped", replace(derived, default=None)


def _windows(window: Window) -> Iterator[tuple[str, Window]]:
    length = window.length
    if length is not None:
        unit = _unit(length)
        longer = Duration(length.microseconds + unit)
        yield f"window {longer} in place of {length}", replace(window, length=longer)
        if length.microseconds > unit:
            shorter = Duration(length.microseconds - unit)
            yield f"window {shorter} in place of {length}", replace(window, length=shorter)
        yield "window without an end", replace(window, length=None)
    if window.offset.microseconds:
        yield "offset dropped", replace(window, offset=Duration(0))


def _unit(length: Duration) -> int:
    """One of the units that the length is written in: a day of `7d`, an hour of `24h` no less than of `1d`."""
    hour, day = 3_600_000_000, 86_400_000_000
    for unit in (day, hour, 60_000_000, 1_000_000):
        if length.microseconds % unit == 0 and length.microseconds > unit:
            return unit
    return max(1, length.microseconds // 2)


def _of_call(call: AggregateCall) -> Iterator[tuple[str, AggregateCall]]:
    if call.filter is not None:
        yield "FILTER dropped", replace(call, filter=None)
        for mistake, tree in _changed(call.filter):
            yield f"FILTER with {mistake}", replace(call, filter=tree)
    for number, argument in enumerate(call.arguments):
        for mistake, tree in _changed(argument):
            yield mistake, replace(call, arguments=(*call.arguments[:number], tree, *call.arguments[number + 1 :]))
    argument_type = call.argument_types[0] if call.argument_types else None
    for name in _SWAPS.get(call.function, ()):
        other = BY_NAME[name]
        if argument_type is not None and other.accepts(argument_type) and other.parameters == len(call.parameters):
            yield f"{name} in place of {call.function}", replace(call, function=name, type=other.result(argument_type))
    if call.parameters and isinstance(call.parameters[0], int) and call.parameters[0] > 1:
        yield "one item less", replace(call, parameters=(call.parameters[0] - 1, *call.parameters[1:]))
    elif call.parameters and call.parameters[0] != 0.5:
        yield "the opposite quantile", replace(call, parameters=(1 - call.parameters[0], *call.parameters[1:]))


def _changed(tree: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    """Copies of an expression, each with one slip in it."""
    for number, node in enumerate(tree.walk()):
        slip = _slip(node)
        if slip is None:
            continue
        mistake, changed = slip
        copy = tree.copy()
        place = next(found for index, found in enumerate(copy.walk()) if index == number)
        if place is copy:
            yield mistake, changed
        else:
            place.replace(changed)
            yield mistake, copy


def _slip(node: exp.Expr) -> tuple[str, exp.Expr] | None:
    other = _OPERATORS.get(type(node))
    if other is not None:
        kind, was, now = other
        arguments = {"this": node.this.copy(), "expression": node.expression.copy()}
        return f"`{now}` in place of `{was}`", exp.Paren(this=kind(**arguments))
    match node:
        case exp.In() if len(node.expressions) > 1:
            fewer = node.copy()
            fewer.set("expressions", fewer.expressions[:-1])
            return f"without {node.expressions[-1].sql('duckdb')} in the list", fewer
        case exp.Not():
            return "NOT dropped", exp.Paren(this=node.this.copy())
        case exp.Is():
            return "IS turned round", exp.Paren(this=exp.Not(this=exp.Paren(this=node.copy())))
        case exp.Literal() if not node.is_string and node.this.isdigit() and _is_compared(node):
            return f"{int(node.this) + 1} in place of {node.this}", exp.Literal.number(int(node.this) + 1)
        case _:
            return None


def _is_compared(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.LT | exp.LTE | exp.GT | exp.GTE | exp.EQ | exp.NEQ | exp.Between)
