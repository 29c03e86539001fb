"""A view's `examples` as dbt unit tests: rows of the staging model in, rows of the view out.

dbt compares whole tables of stored rows, value by value. An example that this cannot express is left to `fpc test`,
which runs every example through staging, and the file says which and why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from fpc.emit.dbt.names import checked, staging_model
from fpc.emit.dbt.schedule import as_of_macro
from fpc.emit.dbt.staged_rows import NotPlayableError, StagedRow, stage, timestamp_text
from fpc.emit.inert import inert, one_line
from fpc.emit.yaml_text import Yaml
from fpc.model.nodes import Closed, Example, Feature, FeatureView, Value, Window
from fpc.plan.visibility import edges_of
from fpc.types.logical import Kind, LogicalType

# Functions whose doubles depend on how they are computed, even for whole numbers.
_INEXACT = frozenset({"stddev", "variance", "stddev_pop", "var_pop"})
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9_ .:-]*")


@dataclass(frozen=True, slots=True)
class UnitTests:
    """The tests, and a sentence for each example (or column of one) that only `fpc test` can check."""

    tests: tuple[Yaml, ...]
    left_out: tuple[str, ...]


def unit_tests(view: FeatureView) -> UnitTests:
    """Every example that dbt can express, as a unit test of the view's model at exactly the example's instant."""
    tests: list[Yaml] = []
    left_out: list[str] = []
    names: set[str] = set()
    for number, example in enumerate(view.examples, start=1):
        try:
            test, omitted = _unit_test(view, example)
        except NotPlayableError as reason:
            left_out.append(f"example {number} ({one_line(example.name)}) is left to `fpc test`: {reason}")
            continue
        name = _name(view, example, number)
        name = name if name not in names else checked(f"{name}_{number}")
        names.add(name)
        tests.append({"name": name, **test})
        if omitted:
            columns = ", ".join(omitted)
            left_out.append(f"example {number}: {columns} is compared with a tolerance, by `fpc test` alone")
    return UnitTests(tuple(tests), tuple(left_out))


def _name(view: FeatureView, example: Example, number: int) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", example.name.lower()).strip("_")[:80].strip("_")
    return checked(f"{view.name}__{slug or f'example_{number}'}")


def _unit_test(view: FeatureView, example: Example) -> tuple[dict[str, Yaml], list[str]]:
    rows = stage(view.source, example.given)
    present = _entities(view, rows, example.at)
    keys = [key.name for key in view.entity.keys]
    expected = [tuple(str(row.get(key)) for key in keys) for row in example.expect]
    if any(key not in row for row in example.expect for key in keys):
        raise NotPlayableError("an expected row does not name the entity")
    if set(expected) - present:
        raise NotPlayableError("an expected entity has no event in any window, so the table has no row of it")
    if present - set(expected) or len(set(expected)) < len(expected):
        raise NotPlayableError("it does not say what every entity with events gets")
    if len({frozenset(row) for row in example.expect}) > 1:
        raise NotPlayableError("its expected rows have different columns")
    given = [_given(row) for row in rows]
    types = {output.name: output for output in view.outputs}
    omitted = [
        name
        for name in (example.expect[0] if example.expect else ())
        if name in types and not all(_exact(types[name].type, row[name]) for row in example.expect)
    ]
    omitted += [n for n in types if n in (example.expect[0] if example.expect else ()) and _is_inexact(types[n])]
    expect: list[Yaml] = [
        {name: _value(value) for name, value in row.items() if name not in omitted} for row in example.expect
    ]
    as_of = f"TIMESTAMPTZ '{timestamp_text(example.at)}'"
    test: dict[str, Yaml] = {
        "description": inert(example.name),
        "model": checked(view.name),
        "overrides": {"macros": {as_of_macro(view.grid): as_of}},
        "given": [{"input": f"ref('{staging_model(view.source)}')", "rows": given}],
        "expect": {"rows": expect},
    }
    return test, sorted(set(omitted))


def _given(row: StagedRow) -> Yaml:
    instants: dict[str, Yaml] = {
        "event_at": timestamp_text(row.event_at),
        "known_at": timestamp_text(row.known_at),
    }
    if row.superseded_at is not None:
        instants["superseded_at"] = timestamp_text(row.superseded_at)
    return {**{name: _value(value) for name, value in row.values.items()}, **instants}


def _value(value: object) -> Yaml:
    """A fixture's value; dbt prints a list with Python's quoting, so only plain texts may stand in one."""
    if isinstance(value, list | tuple):
        if not all(_PLAIN_TEXT.fullmatch(item) for item in value if isinstance(item, str)):
            raise NotPlayableError("a list holds texts that dbt cannot quote")
        return [_value(item) for item in value]
    if isinstance(value, str):
        return inert(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise NotPlayableError("a value is not a literal")


def _exact(type: LogicalType, value: Value) -> bool:
    """Whether a float is a short binary fraction, so that every order of computing it gives the same digits."""
    if isinstance(value, tuple) and type.element is not None:
        return all(_exact(type.element, item) for item in value)
    if not type.is_float or value is None:
        return True
    return isinstance(value, int | float) and float(value).as_integer_ratio()[1] <= 1024


def _is_inexact(output: object) -> bool:
    return isinstance(output, Feature) and any(call.function in _INEXACT for call in output.aggregates)


def _entities(view: FeatureView, rows: tuple[StagedRow, ...], at: int) -> set[tuple[str, ...]]:
    """The entities that have a row in the view at the instant: those with an event in one of its windows."""
    columns = [column for _, column in view.key_columns]
    windows = {feature.window for feature in view.features}
    found = set()
    for row in rows:
        key = [row.values.get(column) for column in columns]
        if None in key or not any(_in_window(row, window, view.closed, at) for window in windows):
            continue
        if _passes(view, row.values):
            found.add(tuple(map(str, key)))
    return found


def _in_window(row: StagedRow, window: Window, closed: Closed, at: int) -> bool:
    visible_from, visible_until = edges_of(window, closed).interval(row.event_at, row.known_at, row.superseded_at)
    return visible_from <= at and (visible_until is None or at < visible_until)


def _passes(view: FeatureView, values: Mapping[str, Value]) -> bool:
    """Whether the view's filter keeps the row, decided without an engine; raises where that takes one."""
    if view.where is None:
        return True
    types = {column.name: column.type for column in view.source.columns}

    def with_value(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and _is_plain(types[node.name], values.get(node.name)):
            return exp.convert(values.get(node.name))
        return node

    def without_in(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.In) and node.expressions:
            return exp.or_(*(exp.EQ(this=node.this.copy(), expression=item.copy()) for item in node.expressions))
        return node

    outcome = simplify(view.where.copy().transform(with_value).transform(without_in))
    if isinstance(outcome, exp.Boolean):
        return bool(outcome.this)
    if isinstance(outcome, exp.Null):
        return False
    raise NotPlayableError("whether the view's filter keeps its rows takes an engine to say")


def _is_plain(type: LogicalType, value: Value) -> bool:
    """Whether comparing the literal as Python spells it is comparing the column's value."""
    match value:
        case None:
            return True
        case bool():
            return type.kind is Kind.BOOLEAN
        case tuple():
            return False
        case str():
            return type.kind is Kind.VARCHAR
        case _:
            return type.is_numeric
