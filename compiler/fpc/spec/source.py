"""Reading a `source` document."""

from __future__ import annotations

from typing import Final

import yaml

from fpc.diagnostics import codes
from fpc.spec.columns import read_columns
from fpc.spec.documents import PartitionSpec, SourceSpec, StreamSpec, TimeColumnSpec
from fpc.spec.fields import Fields
from fpc.spec.located import Located, Place

KEYS: Final = (
    "name",
    "description",
    "owner",
    "tags",
    "path",
    "table",
    "dbt_model",
    "event_time",
    "known_time",
    "unique_key",
    "timezone",
    "max_lateness",
    "partition_by",
    "columns",
    "stream",
    "append_only",
    "immutable",
)
_UNITS: Final = ("s", "ms", "us", "ns")
_GRAINS: Final = ("hour", "day", "month")
_FORMATS: Final = ("json", "avro", "protobuf")


def read_source(fields: Fields) -> SourceSpec | None:
    """The source, or None when it has no usable name."""
    name = fields.name()
    path, table, dbt_model = fields.text("path"), fields.text("table"), fields.name("dbt_model", required=False)
    given = [key for key in ("path", "table", "dbt_model") if key in fields]
    if len(given) > 1:
        fields.findings.error(
            codes.CONFLICTING_KEYS,
            f"`{given[0]}` and `{given[1]}` exclude each other",
            fields.place_of(given[1]).span,
            "a source is in one place",
        )
    elif not given:
        fields.findings.error(
            codes.MISSING_KEY,
            f"{fields.what} does not say where its rows are",
            fields.place_of("name").span,
            "needs `path`, `table` or `dbt_model`",
            help="add `path: data/orders/*.parquet`, `table: schema.name` or `dbt_model: name`",
        )
    if "event_time" not in fields:
        fields.missing("event_time")
    source = (
        fields.text("description"),
        fields.owner(),
        fields.texts("tags"),
        path,
        table,
        dbt_model,
        _time_column(fields, "event_time"),
        _time_column(fields, "known_time"),
        fields.texts("unique_key"),
        fields.text("timezone"),
        fields.duration("max_lateness"),
        _partition(fields),
        read_columns(fields, "columns", required=True),
        _stream(fields),
        fields.choice("append_only", lambda word: word == "true", ("true", "false")),
        fields.texts("immutable"),
    )
    return None if name is None else SourceSpec(name, *source, fields.place)


def _time_column(fields: Fields, key: str) -> TimeColumnSpec | None:
    node = fields.raw(key)
    if not isinstance(node, yaml.MappingNode):
        column = fields.text(key)
        return None if column is None else TimeColumnSpec(column, None)
    inner = fields.inner(node, f"`{key}`", ("column", "unit"))
    column, unit = inner.text("column", required=True), inner.choice("unit", str, _UNITS)
    return None if column is None or (unit is None and "unit" in inner) else TimeColumnSpec(column, unit)


def _partition(fields: Fields) -> PartitionSpec | None:
    node = fields.raw("partition_by")
    if node is None:
        return None
    inner = fields.inner(node, "`partition_by`", ("column", "grain"))
    column = inner.text("column", required=True)
    if "grain" not in inner:
        inner.missing("grain")
    grain = inner.choice("grain", str, _GRAINS)
    return None if column is None or grain is None else PartitionSpec(column, grain)


def _stream(fields: Fields) -> StreamSpec | None:
    node = fields.raw("stream")
    if node is None:
        return None
    kafka = fields.inner(node, "`stream`", ("kafka",)).raw("kafka")
    if kafka is None:
        return None
    inner = fields.inner(kafka, "`kafka`", ("topic", "format"))
    topic = inner.text("topic", required=True)
    kind = inner.choice("format", str, _FORMATS) or Located("json", fields.place_of("stream"))
    return None if topic is None else StreamSpec(topic, kind, Place(fields.file, node))
