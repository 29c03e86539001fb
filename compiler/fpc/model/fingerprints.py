"""Fingerprints: sixteen hex digits that are equal exactly when the meaning is taken to be.

They are over canonical expressions, types, windows, filters and what the source's rows mean; never over names of
views, descriptions, owners, schedules or the spelling of SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlglot import exp

from fpc.model.canonical import canonical, every
from fpc.model.nodes import (
    AggregateCall,
    Closed,
    Column,
    DerivedFeature,
    Entity,
    Feature,
    FeatureView,
    Location,
    Source,
    TimeColumn,
    Window,
)
from fpc.types.logical import Kind, LogicalType

#: Goes up when the same spec comes to mean other values.
_MEANING: Final = "1"


def fingerprint(*parts: object) -> str:
    """The fingerprint of a sequence of plain values, whose `repr` tells them apart."""
    text = repr((_MEANING, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def source_fingerprint(
    location: Location,
    columns: Sequence[Column],
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
        sorted(name.casefold() for name in unique_key),
        decisive_timezone(timezone, columns),
    )


def decisive_timezone(timezone: str, columns: Iterable[Column]) -> str | None:
    """The time zone of a source's naive timestamps; None where it has none, and the zone decides nothing."""
    return timezone if any(column.type.kind is Kind.TIMESTAMP for column in columns) else None


def used_columns(view: FeatureView) -> frozenset[str]:
    """The source's columns that the view reads: keys, filter, and what its features aggregate."""
    trees = [
        tree for feature in view.features for call in feature.aggregates for tree in (*call.arguments, call.filter)
    ]
    found = {column.name for tree in (*trees, view.where) if tree is not None for column in tree.find_all(exp.Column)}
    return frozenset({*found, *(column for _, column in view.key_columns)})


def used_source_fingerprint(source: Source, used: frozenset[str]) -> str:
    """The fingerprint of a source's rows for somebody who reads only the columns `used`.

    Of a source with versions, columns after the last one used cannot change a value: they only decide between
    versions that are equal in all columns before them. So a column appended to a source changes no fingerprint.
    """
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
        condition = None if where is None else canonical(where, {}, column_types(source))
        self._view = (tuple((column.casefold(), types[key]) for key, column in keys), condition, closed.value)
        self._known: dict[frozenset[str], str] = {}

    def of(self, used: frozenset[str]) -> str:
        """The fingerprint for somebody who reads only the columns `used`."""
        known = self._known.get(used)
        if known is None:
            key = (self._source.name, used)
            rows = self._sources.get(key)
            if rows is None:
                rows = self._sources[key] = used_source_fingerprint(self._source, used)
            known = self._known[used] = fingerprint("rows", rows, self._view)
        return known


def column_types(source: Source) -> dict[str, LogicalType]:
    """The types of a source's staged columns by name."""
    return {column.name: column.staged_type for column in source.columns}


def call_meaning(call: AggregateCall, types: Mapping[str, LogicalType]) -> str:
    """The canonical text of an aggregate call over columns of these types.

    Aggregates skip nulls, so COUNT(x) counts the rows where x is not null, and f(CASE WHEN c THEN x END) is f(x) over
    the rows where c holds.
    """
    conditions = [] if call.filter is None else [canonical(call.filter, {}, types)]
    arguments = list(call.arguments)
    if arguments:
        chosen = _chosen_when(arguments[0])
        if chosen is not None:
            arguments[0], condition = chosen
            conditions.append(canonical(condition, {}, types))
    if call.function == "count" and arguments:
        argument = arguments.pop()
        if not isinstance(argument, exp.Literal | exp.Boolean):
            conditions.append(canonical(exp.Not(this=exp.Is(this=argument.copy(), expression=exp.Null())), {}, types))
    given = (
        f"{canonical(argument, {}, types)} {type}"
        for argument, type in zip(arguments, call.argument_types, strict=False)
    )
    holds = every(conditions)
    where = f" where {holds}" if holds not in ("", "true") else ""
    return f"{call.function}({', '.join(given)}; {', '.join(map(repr, call.parameters))}){where}"


def _chosen_when(argument: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """x and c of CASE WHEN c THEN x END, however it is spelled, and of a cast of it."""
    argument = argument.unnest()
    if isinstance(argument, exp.Cast):
        inner = _chosen_when(argument.this)
        return None if inner is None else (exp.Cast(this=inner[0].copy(), to=argument.args["to"].copy()), inner[1])
    if isinstance(argument, exp.Case) and len(argument.args["ifs"]) == 1 and argument.args.get("this") is None:
        branch, otherwise = argument.args["ifs"][0], argument.args.get("default")
    elif isinstance(argument, exp.If):
        branch, otherwise = argument, argument.args.get("false")
    else:
        return None
    if otherwise is not None and not isinstance(otherwise.unnest(), exp.Null):
        return None
    return branch.args["true"].unnest(), branch.this


def feature_meaning(expression: exp.Expr, calls: Sequence[AggregateCall], types: Mapping[str, LogicalType]) -> str:
    """The canonical text of a feature's expression over its aggregate calls; `types` are those of the source."""
    meanings = {call.id: call_meaning(call, types) for call in calls}
    return canonical(expression, meanings, {call.id: call.type for call in calls})


def feature_fingerprint(meaning: str, type: str, default: object, window: Window, rows: str) -> str:
    """The fingerprint of a feature: its canonical text, over the rows of `RowsMeaning.of`."""
    length = None if window.length is None else window.length.microseconds
    return fingerprint("feature", meaning, type, default, length, window.offset.microseconds, rows)


def derived_meaning(expression: exp.Expr, inputs: Mapping[str, str], types: Mapping[str, LogicalType]) -> str:
    """The canonical text of a derived feature; `inputs` says what stands for each input, `types` which type it has."""
    return canonical(expression, {name.casefold(): f"feature {value}" for name, value in inputs.items()}, types)


def derived_fingerprint(
    expression: exp.Expr, type: str, default: object, inputs: Mapping[str, str], types: Mapping[str, LogicalType]
) -> str:
    """The fingerprint of a derived feature, over those of its inputs."""
    return fingerprint("derived", derived_meaning(expression, inputs, types), type, default)


def view_fingerprint(outputs: Iterable[Feature | DerivedFeature], entity: Entity, rows: str) -> str:
    """The fingerprint of a view's row: names and meanings of all it serves, in whatever order they are declared."""
    keys = [(key.name, str(key.type)) for key in entity.keys]
    return fingerprint("view", keys, sorted((output.name, output.fingerprint) for output in outputs), rows)


def _time(time: TimeColumn) -> tuple[str, str | None]:
    return time.column.casefold(), time.unit
