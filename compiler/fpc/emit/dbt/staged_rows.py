"""Staging in Python, for the few rows of an example: event time, known time, versions, refusals.

The rule is that of `fpc.sql.staging`; a golden story runs both on the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from fpc.model.nodes import Source, TimeColumn, Value
from fpc.plan.versions import shared_columns
from fpc.types.logical import Kind, LogicalType

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}


class NotPlayableError(ValueError):
    """A given row holds a value whose staging only the engine knows; the message says which."""


@dataclass(frozen=True, slots=True)
class StagedRow:
    """One staged row: the given values, instants in UTC, and the three event columns in microseconds."""

    values: Mapping[str, Value]
    event_at: int
    known_at: int
    superseded_at: int | None


def stage(source: Source, given: tuple[Mapping[str, Value], ...]) -> tuple[StagedRow, ...]:
    """The rows as the staging model would hold them, refused ones left out; raises `NotPlayableError`."""
    types = {column.name: column.type for column in source.columns}
    rows: list[tuple[tuple[object, ...], tuple[object, ...], StagedRow]] = []
    for number, row in enumerate(given):
        event_at = _instant(source, source.event_time, row, types)
        known_at = _instant(source, source.known_time, row, types) if source.known_time else event_at
        key = tuple(row.get(name) for name in source.unique_key) or (number,)
        if event_at is None or known_at is None or known_at < event_at or None in key:
            continue
        row = {**_partition(source, event_at, types), **row}
        version_of = (*key, *((event_at if name == "event_at" else row.get(name)) for name in shared_columns(source)))
        values = {name: _staged(source, value, types[name]) for name, value in row.items()}
        tie = tuple(_order(values.get(column.name), column.type) for column in source.columns)
        staged = StagedRow(values, event_at, known_at, None)
        rows.append((tuple(map(str, version_of)), (known_at, event_at, tie), staged))
    rows.sort(key=lambda entry: (entry[0], entry[1]))
    following = [*rows[1:], None][: len(rows)]
    return tuple(
        StagedRow(
            staged.values,
            staged.event_at,
            staged.known_at,
            after[2].known_at if after is not None and after[0] == version_of else None,
        )
        for (version_of, _, staged), after in zip(rows, following, strict=True)
    )


def timestamp_text(microseconds: int) -> str:
    """The instant as `2024-03-07 12:00:00+00:00`, with six decimals only where they are not zero."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(" ")


def microseconds_of(text: str, zone: str) -> int:
    """An ISO timestamp in microseconds since the epoch; without an offset it is read in `zone`.

    A local time that happens twice, or never, when the clocks change is the later of its two readings, as in DuckDB.
    """
    instant = datetime.fromisoformat(text.strip())
    readings = [instant] if instant.tzinfo else [instant.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1)]
    return max((reading - _EPOCH) // timedelta(microseconds=1) for reading in readings)


def with_partition(source: Source, row: Mapping[str, Value]) -> Mapping[str, Value]:
    """A raw row with the value of its partition column, which examples leave out: when its event happened."""
    types = {column.name: column.type for column in source.columns}
    event_at = _instant(source, source.event_time, row, types)
    return row if event_at is None else {**_partition(source, event_at, types), **row}


def raw_value(source: Source, value: Value, type: LogicalType) -> Value:
    """A value of a raw row as the source's files would hold it: a naive timestamp is the local time of its instant."""
    if type.kind is not Kind.TIMESTAMP or not isinstance(value, str):
        return value
    instant = _EPOCH + timedelta(microseconds=microseconds_of(value, source.timezone))
    return instant.astimezone(ZoneInfo(source.timezone)).replace(tzinfo=None).isoformat(" ")


def _partition(source: Source, event_at: int, types: Mapping[str, LogicalType]) -> dict[str, Value]:
    if source.partition_by is None or source.partition_by.column not in types:
        return {}
    name, text = source.partition_by.column, timestamp_text(event_at)
    match types[name].kind:
        case Kind.DATE:
            return {name: text[:10]}
        case Kind.VARCHAR:
            return {name: text[:7] if source.partition_by.grain == "month" else text[:10]}
        case Kind.TIMESTAMP | Kind.TIMESTAMPTZ:
            return {name: text}
        case _:
            return {}


def _instant(
    source: Source, time: TimeColumn, row: Mapping[str, Value], types: Mapping[str, LogicalType]
) -> int | None:
    value = row.get(time.column)
    if value is None:
        return None
    if time.unit is not None:
        if isinstance(value, int) and not isinstance(value, bool):
            return value // 1_000 if time.unit == "ns" else value * _MICROSECONDS[time.unit]
        raise NotPlayableError(f"`{time.column}` is not a whole number")
    if types[time.column].kind not in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ) or not isinstance(value, str):
        raise NotPlayableError(f"`{time.column}` is not a timestamp")
    zone = source.timezone if types[time.column].kind is Kind.TIMESTAMP else "UTC"
    try:
        return microseconds_of(value, zone)
    except ValueError as problem:
        raise NotPlayableError(f"`{time.column}` is not an ISO timestamp") from problem


def _staged(source: Source, value: Value, type: LogicalType) -> Value:
    """A naive timestamp becomes an instant, as in staging; everything else is as given."""
    if type.kind is not Kind.TIMESTAMP or not isinstance(value, str):
        return value
    try:
        return timestamp_text(microseconds_of(value, source.timezone))
    except ValueError as problem:
        raise NotPlayableError("a timestamp is not in ISO form") from problem


def _order(value: Value, type: LogicalType) -> tuple[int, object]:
    """A sort key that orders values of one column as the engine does, null lowest."""
    if value is None:
        return (0, 0)
    if isinstance(value, tuple):
        raise NotPlayableError("how lists are ordered takes an engine to say")
    if type.is_numeric:
        try:
            return (1, Decimal(str(value)))
        except InvalidOperation as problem:
            raise NotPlayableError("a number is not a number") from problem
    if type.kind is Kind.TIMESTAMPTZ and isinstance(value, str):
        try:
            return (1, microseconds_of(value, "UTC"))
        except ValueError as problem:
            raise NotPlayableError("a timestamp is not in ISO form") from problem
    return (1, value if type.kind is Kind.BOOLEAN else str(value))
