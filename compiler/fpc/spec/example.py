"""Reading the items of a view's `examples`."""

from __future__ import annotations

from typing import Final

import yaml

from fpc.spec.documents import ExampleSpec, RowSpec
from fpc.spec.fields import Fields
from fpc.spec.located import Place

_KEYS: Final = ("name", "at", "given", "expect")


def read_examples(view: Fields) -> tuple[ExampleSpec, ...]:
    """The examples of a view."""
    found = (_example(view.inner(node, "this example", _KEYS)) for node in view.items("examples"))
    return tuple(example for example in found if example is not None)


def _example(fields: Fields) -> ExampleSpec | None:
    if not isinstance(fields.node, yaml.MappingNode):
        return None
    name, at = fields.text("name", required=True), fields.text("at", required=True)
    for key in ("given", "expect"):
        if key not in fields:
            fields.missing(key)
    given = tuple(_row(fields, node) for node in fields.items("given"))
    expected = fields.items("expect")
    expect = tuple(_row(fields, node) for node in expected)
    places = tuple(Place(fields.file, node) for node in expected)
    return None if name is None or at is None else ExampleSpec(name, at, given, expect, places, fields.place)


def _row(fields: Fields, node: yaml.Node) -> RowSpec:
    values = ((column, fields.feature_value_of(value, column.value)) for column, value in fields.pairs(node, "a row"))
    return tuple((column, value) for column, value in values if value is not None)
