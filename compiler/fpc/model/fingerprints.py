"""Fingerprints: sixteen hex digits that are equal exactly when the meaning is taken to be.

They are over canonical expressions, types, windows, filters and what the source's rows mean; never over names of
views, descriptions, owners, schedules or the spelling of SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from sqlglot import exp

from fpc.model.canonical import canonical
from fpc.model.nodes import (
    AggregateCall,
    Closed,
    Column,
    DerivedFeature,
    Entity,
    Feature,
    Location,
    Source,
    TimeColumn,
    Window,
)

#: Goes up when the same spec comes to mean other values.
_MEANING: Final = "1"


def fingerprint(*parts: object) -> str:
    """The fingerprint of a sequence of plain values, whose `repr` tells them apart."""
    text = repr((_MEANING, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def source_fingerprint(
    location: Location,
    columns: Iterable[Column],
    event_time: TimeColumn,
    known_time: TimeColumn | None,
    unique_key: tuple[str, ...],
    timezone: str,
) -> str:
    """The fingerprint of a source's rows; `columns` in their order, which decides ties."""
    return fingerprint(
        "source",
        repr(location),
        [(column.name.casefold(), str(column.type)) for column in columns],
        _time(event_time),
        None if known_time is None else _time(known_time),
        [name.casefold() for name in unique_key],
        timezone,
    )


class RowsMeaning:
    """What decides which rows of a source count for which entity of a view."""

    def __init__(
        self,
        source: Source,
        keys: tuple[tuple[str, str], ...],
        entity: Entity,
        where: exp.Expr | None,
        closed: Closed,
        sources: dict[tuple[str, frozenset[str]], str],
    ) -> None:
        """Take what a view says of its rows; `sources` is kept between the views of a repository to share work."""
        self._source = source
        self._sources = sources
        types = {key.name: str(key.type) for key in entity.keys}
        condition = None if where is None else canonical(where, {})
        self._view = (tuple((column.casefold(), types[key]) for key, column in keys), condition, closed.value)
        self._known: dict[frozenset[str], str] = {}

    def of(self, used: frozenset[str]) -> str:
        """The fingerprint for somebody who reads only the columns `used`.

        Of a source with versions, columns after the last one used cannot change a value: they only decide between
        versions that are equal in all columns before them. So a column appended to a source changes no fingerprint.
        """
        known = self._known.get(used)
        if known is None:
            key = (self._source.name, used)
            rows = self._sources.get(key)
            if rows is None:
                rows = self._sources[key] = self._used_source(used)
            known = self._known[used] = fingerprint("rows", rows, self._view)
        return known

    def _used_source(self, used: frozenset[str]) -> str:
        source = self._source
        times = (source.event_time,) if source.known_time is None else (source.event_time, source.known_time)
        needed = {name.casefold() for name in (*used, *source.unique_key, *(time.column for time in times))}
        columns = [column for column in source.columns if column.name.casefold() in needed]
        if source.unique_key:
            columns = list(source.columns[: source.columns.index(columns[-1]) + 1])
        else:
            columns.sort(key=lambda column: column.name)
        return source_fingerprint(
            source.location, columns, source.event_time, source.known_time, source.unique_key, source.timezone
        )


def call_meaning(call: AggregateCall) -> str:
    """The canonical text of an aggregate call."""
    arguments = ", ".join(
        f"{canonical(argument, {})} {type}" for argument, type in zip(call.arguments, call.argument_types, strict=True)
    )
    condition = "" if call.filter is None else f" where {canonical(call.filter, {})}"
    return f"{call.function}({arguments}; {', '.join(map(repr, call.parameters))}){condition}"


def feature_fingerprint(meaning: str, type: str, default: object, window: Window, rows: str) -> str:
    """The fingerprint of a feature: its canonical text, over the rows of `RowsMeaning.of`."""
    length = None if window.length is None else window.length.microseconds
    return fingerprint("feature", meaning, type, default, length, window.offset.microseconds, rows)


def derived_fingerprint(expression: exp.Expr, type: str, default: object, inputs: Mapping[str, str]) -> str:
    """The fingerprint of a derived feature, over those of its inputs."""
    names = {name.casefold(): f"feature {value}" for name, value in inputs.items()}
    return fingerprint("derived", canonical(expression, names), type, default)


def view_fingerprint(outputs: Iterable[Feature | DerivedFeature], entity: Entity, rows: str) -> str:
    """The fingerprint of a view's packed row: names, order and meanings of all it serves."""
    keys = [(key.name, str(key.type)) for key in entity.keys]
    return fingerprint("view", keys, [(output.name, output.fingerprint) for output in outputs], rows)


def _time(time: TimeColumn) -> tuple[str, str | None]:
    return time.column.casefold(), time.unit
