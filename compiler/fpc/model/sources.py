"""Resolving sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.fingerprints import source_fingerprint
from fpc.model.nodes import (
    Column,
    DbtModelLocation,
    FileLocation,
    Location,
    Partition,
    Source,
    Stream,
    TableLocation,
    TimeColumn,
)
from fpc.spec.documents import ColumnSpec, DefaultsSpec, SourceSpec, TimeColumnSpec
from fpc.spec.fields import COLUMN_NAME
from fpc.spec.located import Located
from fpc.types.logical import Kind

#: What staging adds to the declared columns.
STAGED: Final = ("event_at", "known_at", "superseded_at")
_FORMATS: Final = (".parquet", ".csv", ".arrow")
_TABLE: Final = re.compile(r"(?:([A-Za-z_][A-Za-z0-9_]*)\.)?([A-Za-z_][A-Za-z0-9_]*)")
_WHOLE_NUMBERS: Final = (Kind.INTEGER, Kind.BIGINT, Kind.HUGEINT, Kind.DOUBLE)
_INSTANTS: Final = (Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
_PARTITION_KINDS: Final = (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.VARCHAR, Kind.INTEGER, Kind.BIGINT)


def resolve_source(spec: SourceSpec, defaults: DefaultsSpec, findings: Findings) -> Source | None:
    """The source, or None when something is missing without which nothing that reads it can be checked."""
    columns = read_columns(spec.columns)
    _check_reserved(spec, findings)
    known = {column.name.casefold(): column for column in columns}
    note = column_note(spec)
    event_time = _time_column(spec.event_time, spec, known, note, findings)
    known_time = _time_column(spec.known_time, spec, known, note, findings)
    unique_key = tuple(_known(name, spec, known, note, findings) for name in spec.unique_key)
    immutable = tuple(_known(name, spec, known, note, findings) for name in spec.immutable)
    timezone = _timezone(spec.timezone or defaults.timezone, findings)
    partition = _partition(spec, known, findings)
    location = _location(spec, findings)
    if spec.stream is not None:
        findings.warning(
            codes.STREAM_NOT_BUILT,
            f"the stream of source `{spec.name.value}` is not read yet",
            spec.stream.place.span,
            "checked, then left aside",
            help="batch views of this source work; streaming comes with a later release",
        )
    if event_time is None or location is None or not columns or None in unique_key:
        return None
    keys = tuple(key for key in unique_key if key is not None)
    return Source(
        name=spec.name.value,
        description="" if spec.description is None else spec.description.value.strip(),
        owner=_text(spec.owner or defaults.owner),
        tags=tuple(tag.value for tag in spec.tags),
        location=location,
        columns=columns,
        event_time=event_time,
        known_time=known_time,
        unique_key=keys,
        timezone=timezone,
        max_lateness=None if spec.max_lateness is None else spec.max_lateness.value,
        partition_by=partition,
        stream=None if spec.stream is None else Stream(spec.stream.topic.value, spec.stream.format.value),
        span=spec.name.span,
        fingerprint=source_fingerprint(location, columns, event_time, known_time, keys, timezone),
        append_only=spec.append_only is not None and spec.append_only.value,
        immutable=tuple(key for key in immutable if key is not None),
    )


def read_columns(specs: tuple[ColumnSpec, ...]) -> tuple[Column, ...]:
    """The columns whose types could be read."""
    return tuple(
        Column(spec.name.value, spec.type, "" if spec.description is None else spec.description.value.strip())
        for spec in specs
        if spec.type is not None
    )


def column_note(spec: SourceSpec) -> str:
    """Where a source's columns are declared, for notes."""
    if not spec.columns:
        return f"source `{spec.name.value}` declares no columns"
    span = spec.columns[0].name.span
    return f"columns are declared in {span.path}:{span.line}"


def resolve_table(table: Located[str], findings: Findings) -> TableLocation | None:
    """The table that a text names."""
    match = _TABLE.fullmatch(table.value)
    if match is None:
        findings.error(
            codes.INVALID_VALUE,
            f"`{table.value}` is not the name of a table",
            table.span,
            "neither `table` nor `schema.table`",
        )
        return None
    return TableLocation(match[1], match[2])


def check_path(path: Located[str], findings: Findings) -> bool:
    """Whether a path is relative, stays in the repository, and has a known ending."""
    text = path.value
    parts = text.replace("\\", "/").split("/")
    if text.startswith(("/", "~")) or ".." in parts or "://" in text or re.match(r"[A-Za-z]:", text):
        findings.error(
            codes.PATH_OUTSIDE,
            f"`{text}` leaves the repository",
            path.span,
            "not a path under the repository's root",
            help="write the path from the folder of fpc.yml on; a link there may lead elsewhere",
        )
        return False
    if any(marker in text for marker in ("{{", "{%", "{#")):
        findings.error(codes.TEMPLATE_MARKER, "template markers in a path", path.span, "not part of a path")
        return False
    if not text.endswith(_FORMATS):
        findings.error(
            codes.INVALID_VALUE, f"`{text}` has no known ending", path.span, f"not one of {', '.join(_FORMATS)}"
        )
        return False
    return True


def _location(spec: SourceSpec, findings: Findings) -> Location | None:
    if spec.path is not None:
        return FileLocation(spec.path.value) if check_path(spec.path, findings) else None
    if spec.table is not None:
        return resolve_table(spec.table, findings)
    return None if spec.dbt_model is None else DbtModelLocation(spec.dbt_model.value)


def _check_reserved(spec: SourceSpec, findings: Findings) -> None:
    for column in spec.columns:
        name = column.name.value.casefold()
        if name in STAGED or name.startswith("__"):
            findings.error(
                codes.RESERVED_NAME,
                f"column `{column.name.value}` has a name of the platform's own",
                column.name.span,
                "reserved",
                help="staging adds event_at, known_at and superseded_at; rename the column in the data",
            )


def _known(
    name: Located[str], spec: SourceSpec, known: Mapping[str, Column], note: str, findings: Findings
) -> str | None:
    column = known.get(name.value.casefold())
    if column is not None:
        return column.name
    # Where no column could be read, that is the mistake, and it is told already.
    if spec.columns and name.value.casefold() not in {declared.name.value.casefold() for declared in spec.columns}:
        findings.error(
            codes.UNKNOWN_COLUMN,
            f"unknown column `{name.value}` in source `{spec.name.value}`",
            name.span,
            "not a column of this source",
            notes=(note,),
            help=did_you_mean(name.value, (column.name for column in known.values())),
        )
    return None


def _time_column(
    time: TimeColumnSpec | None, spec: SourceSpec, known: Mapping[str, Column], note: str, findings: Findings
) -> TimeColumn | None:
    if time is None:
        return None
    name = _known(time.column, spec, known, note, findings)
    if name is None:
        return None
    type = known[name.casefold()].type
    fits = type.kind in (_INSTANTS if time.unit is None else _WHOLE_NUMBERS)
    if not fits:
        if time.unit is not None:
            help = "an epoch number is a bigint; leave `unit` out for timestamps"
        elif type.kind is Kind.DATE:
            help = "declare it as `timestamp`: a date is read as its midnight"
        else:
            help = "declare it as `timestamptz`, or write `{column: ..., unit: ms}` for an epoch number"
        findings.error(
            codes.TIME_COLUMN_TYPE,
            f"column `{name}` is {type}, which is no instant",
            time.column.span,
            "not a time column",
            help=help,
        )
        return None
    return TimeColumn(name, None if time.unit is None else time.unit.value)


def _timezone(timezone: Located[str] | None, findings: Findings) -> str:
    if timezone is None or timezone.value == "UTC":
        return "UTC"
    try:
        ZoneInfo(timezone.value)
    except (ValueError, OSError, KeyError):
        findings.error(
            codes.INVALID_TIMEZONE,
            f"unknown time zone `{timezone.value}`",
            timezone.span,
            "not a name of the IANA database",
            help="write `UTC`, or a name such as `America/New_York`",
        )
        return "UTC"
    return timezone.value


def _partition(spec: SourceSpec, known: Mapping[str, Column], findings: Findings) -> Partition | None:
    """The partition column: a declared one, or one that only the folders of the files name."""
    if spec.partition_by is None:
        return None
    text = spec.partition_by.column
    if COLUMN_NAME.fullmatch(text.value) is None:
        findings.error(codes.INVALID_NAME, f"`{text.value[:60]}` cannot be a column's name", text.span, "not a name")
        return None
    column = known.get(text.value.casefold())
    if column is not None and column.type.kind not in _PARTITION_KINDS:
        findings.error(
            codes.PARTITION_COLUMN,
            f"column `{column.name}` is {column.type}, by which nothing is partitioned",
            text.span,
            "not a date, text or whole number",
        )
        return None
    name = text.value if column is None else column.name
    return Partition(name, spec.partition_by.grain.value)


def _text(text: Located[str] | None) -> str:
    return "" if text is None else text.value
