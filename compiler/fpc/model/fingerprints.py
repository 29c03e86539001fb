"""Fingerprints: sixteen hex digits that are equal exactly when the meaning is taken to be.

They are over canonical expressions, types, windows, filters and what the source's rows mean; never over names of
views, descriptions, owners, schedules or the spelling of SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from sqlglot import exp

from fpc.model.canonical import canonical
from fpc.model.nodes import AggregateCall, Closed, Column, DerivedFeature, Entity, Feature, Source, TimeColumn, Window

#: Goes up when the same spec comes to mean other values.
_MEANING = 1


def fingerprint(parts: object) -> str:
    """The fingerprint of plain data (texts, numbers, lists)."""
    text = json.dumps([_MEANING, parts], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def source_meaning(
    location: object,
    columns: Iterable[Column],
    event_time: TimeColumn,
    known_time: TimeColumn | None,
    unique_key: tuple[str, ...],
    timezone: str,
) -> list[object]:
    """What decides the rows of a source, as plain data; `columns` in their order, which decides ties."""
    return [
        repr(location),
        [[column.name.casefold(), str(column.type)] for column in columns],
        _time(event_time),
        None if known_time is None else _time(known_time),
        [name.casefold() for name in unique_key],
        timezone,
    ]


def used_source_meaning(source: Source, used: Iterable[str]) -> list[object]:
    """The meaning of a source for somebody who reads only the columns `used`.

    Columns after the last one used cannot change a value: they only decide between versions that are equal in all
    columns before them. So a column appended to a source changes no fingerprint.
    """
    needed = {name.casefold() for name in used}
    needed.update(name.casefold() for name in source.unique_key)
    needed.add(source.event_time.column.casefold())
    if source.known_time is not None:
        needed.add(source.known_time.column.casefold())
    if source.unique_key:
        last = max(i for i, column in enumerate(source.columns) if column.name.casefold() in needed)
        columns = list(source.columns[: last + 1])
    else:
        columns = sorted((c for c in source.columns if c.name.casefold() in needed), key=lambda c: c.name)
    return source_meaning(
        source.location, columns, source.event_time, source.known_time, source.unique_key, source.timezone
    )


def call_meaning(call: AggregateCall) -> str:
    """The canonical text of an aggregate call."""
    arguments = ", ".join(
        f"{canonical(argument, {})} {type}" for argument, type in zip(call.arguments, call.argument_types, strict=True)
    )
    condition = "" if call.filter is None else f" where {canonical(call.filter, {})}"
    return f"{call.function}({arguments}; {', '.join(map(repr, call.parameters))}){condition}"


def feature_fingerprint(
    expression: exp.Expr,
    calls: tuple[AggregateCall, ...],
    type: str,
    default: object,
    window: Window,
    rows: list[object],
) -> str:
    """The fingerprint of a feature; `rows` is what decides which rows of which entity it is computed over."""
    names = {call.id: call_meaning(call) for call in calls}
    length = None if window.length is None else window.length.microseconds
    return fingerprint(
        ["feature", canonical(expression, names), type, default, length, window.offset.microseconds, rows]
    )


def derived_fingerprint(expression: exp.Expr, type: str, default: object, inputs: Mapping[str, str]) -> str:
    """The fingerprint of a derived feature, over those of its inputs."""
    names = {name.casefold(): f"feature {print}" for name, print in inputs.items()}
    return fingerprint(["derived", canonical(expression, names), type, default])


def rows_meaning(
    source: list[object], keys: tuple[tuple[str, str], ...], entity: Entity, where: exp.Expr | None, closed: Closed
) -> list[object]:
    """What decides which rows count for which entity."""
    types = {key.name: str(key.type) for key in entity.keys}
    return [
        source,
        [[column.casefold(), types[key]] for key, column in keys],
        None if where is None else canonical(where, {}),
        closed.value,
    ]


def view_fingerprint(outputs: Iterable[Feature | DerivedFeature], entity: Entity, rows: list[object]) -> str:
    """The fingerprint of a view's packed row: names, order and meanings of all it serves."""
    return fingerprint(
        [
            "view",
            [[key.name, str(key.type)] for key in entity.keys],
            [[output.name, output.fingerprint] for output in outputs],
            rows,
        ]
    )


def _time(time: TimeColumn) -> list[object]:
    return [time.column.casefold(), time.unit]
