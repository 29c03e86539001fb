"""Puts examples into a view's YAML, and leaves every other character as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import yaml

from fpc.diagnostics.findings import Findings
from fpc.emit.dbt.staged_rows import timestamp_text
from fpc.format.scalars import written
from fpc.model.nodes import Example, FeatureView, Value
from fpc.spec.compose import documents
from fpc.spec.text_file import TextFile
from fpc.types.logical import Kind, LogicalType

_WIDTH = 160


class NoPlaceError(ValueError):
    """The view is written in a way that leaves no place for a block of examples; the message says which."""


def insert(text: str, path: str, view: FeatureView, examples: Sequence[Example]) -> str:
    """The text of the view's file with the examples behind those that it has; raises `NoPlaceError`."""
    body = _body(text, path, view.name)
    for key, value in body.value:
        if key.value != "examples":
            continue
        if isinstance(value, yaml.SequenceNode) and value.value:
            if value.flow_style:
                raise NoPlaceError("`examples` is written as `[...]`; write one item a line, each behind a `-`")
            return _after(text, value, rendered(view, examples, value.start_mark.column))
        if isinstance(value, yaml.MappingNode) or getattr(value, "value", None):
            raise NoPlaceError("`examples` is not a list")
        start = key.end_mark.index
        end = max(value.end_mark.index, text.index(":", start) + 1)
        items = rendered(view, examples, key.start_mark.column + 2)
        return f"{text[:start]}:\n{items.rstrip()}{text[end:]}"
    column = body.start_mark.column
    block = f"{' ' * column}examples:\n{rendered(view, examples, column + 2)}"
    return _after(text, body, block)


def rendered(view: FeatureView, examples: Sequence[Example], column: int) -> str:
    """The examples as items of a list whose dashes stand in a column."""
    return "".join(f"{line}\n" for example in examples for line in _lines(view, example, " " * column))


def _lines(view: FeatureView, example: Example, indent: str) -> Iterator[str]:
    given = {column.name: column.type for column in view.source.columns}
    expected: dict[str, LogicalType] = {key.name: key.type for key in view.entity.keys}
    expected |= {output.name: output.type for output in view.outputs}
    yield f"{indent}- name: {written(example.name, flow=False)}"
    yield f"{indent}  at: {instant_text(example.at)}"
    for key, rows, types in (("given", example.given, given), ("expect", example.expect, expected)):
        yield f"{indent}  {key}:"
        for row in rows:
            yield from _row(row, types, f"{indent}    - ")


def instant_text(at_us: int) -> str:
    """An instant as specs spell it: `2024-03-08T12:00:00Z`."""
    return timestamp_text(at_us).replace(" ", "T").replace("+00:00", "Z")


def _row(row: Mapping[str, Value], types: Mapping[str, LogicalType], head: str) -> Iterator[str]:
    """A row on one line, or on several where it is too wide, as `fpc fmt` would write it."""
    items = [f"{name}: {_value(value, types[name])}" for name, value in row.items()]
    line = head + "{" + ", ".join(items) + "}"
    if len(line) <= _WIDTH:
        yield line
        return
    margin = " " * (len(head) + 1)
    line = head + "{"
    for number, item in enumerate(items):
        end = "}" if number == len(items) - 1 else ","
        if line not in (margin, head + "{") and len(line) + len(item) + 2 > 120:
            yield line
            line = margin
        line += ("" if line in (margin, head + "{") else " ") + item + end
    yield line


def _value(value: Value, type: LogicalType) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case tuple():
            assert type.element is not None
            return f"[{', '.join(_value(item, type.element) for item in value)}]"
        case str() if type.kind in (Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
            return value
        case str():
            return written(value, flow=True)


def _body(text: str, path: str, name: str) -> yaml.MappingNode:
    for document in documents(TextFile(path, text), Findings()):
        if not isinstance(document, yaml.MappingNode) or document.flow_style:
            continue
        for key, body in document.value:
            if key.value != "feature_view" or not isinstance(body, yaml.MappingNode):
                continue
            if any(inner.value == "name" and value.value == name for inner, value in body.value):
                if body.flow_style:
                    raise NoPlaceError("the view is written as `{...}`; write one key a line")
                return body
    raise NoPlaceError(f"the file has no view `{name}` any more")


def _after(text: str, node: yaml.Node, block: str) -> str:
    """The block on the lines behind a node, a comment at the end of its last line included."""
    start, end = node.start_mark.index, node.end_mark.index
    last = start + len(text[start:end].rstrip())
    line_end = text.find("\n", last)
    if line_end < 0:
        return f"{text}\n{block}"
    return f"{text[: line_end + 1]}{block}{text[line_end + 1 :]}"
