"""A JSON schema of the spec language, by which editors complete keys and underline mistakes.

It is a help while writing: what a spec means and whether it is right, `fpc check` alone decides.
"""

from __future__ import annotations

from typing import Final

Schema = dict[str, object]

_TEXT: Final[Schema] = {"type": "string"}
_NAME: Final[Schema] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
_TEXTS: Final[Schema] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_DURATION: Final[Schema] = {"type": "string", "pattern": "^[0-9]+[smhdw]$"}
_WINDOW: Final[Schema] = {"type": "string", "pattern": "^([0-9]+[smhdw]|lifetime)$"}
_VALUE: Final[Schema] = {"type": ["string", "number", "boolean", "null", "array"]}
_NUMBER: Final[Schema] = {"type": "number"}
_VERSION: Final[Schema] = {"type": "integer", "minimum": 1}


def _object(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _about(schema: Schema, text: str) -> Schema:
    return {**schema, "description": text}


def _choice(*words: str) -> Schema:
    return {"enum": list(words)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_COLUMN: Final[Schema] = {
    "anyOf": [_TEXT, _object({"type": _TEXT, "description": _TEXT}, ("type",))],
}
_COLUMNS: Final[Schema] = {"type": "object", "additionalProperties": _COLUMN}
_TIME: Final[Schema] = {
    "anyOf": [_TEXT, _object({"column": _TEXT, "unit": _choice("s", "ms", "us", "ns")}, ("column",))],
}
_ABOUT: Final[dict[str, Schema]] = {
    "name": _NAME,
    "description": _about(_TEXT, "One sentence that a colleague would search for."),
    "owner": _about(_TEXT, "Who answers for it: team:NAME."),
}

SOURCE: Final = _object(
    {
        **_ABOUT,
        "tags": _TEXTS,
        "path": _about(_TEXT, "Files by a glob, relative to the repository: data/orders/*.parquet"),
        "table": _about(_TEXT, "A table of the warehouse: schema.table"),
        "dbt_model": _about(_NAME, "A model of your own dbt project."),
        "event_time": _about(_TIME, "The column of when it happened."),
        "known_time": _about(_TIME, "The column of when the platform could first have known it."),
        "unique_key": _about(_TEXTS, "Rows that share it are versions of one event."),
        "timezone": _about(_TEXT, "Of naive timestamps; UTC by default."),
        "max_lateness": _about(_DURATION, "A promise: known time minus event time is at most this."),
        "partition_by": _object({"column": _TEXT, "grain": _choice("hour", "day", "month")}, ("column", "grain")),
        "columns": _COLUMNS,
        "append_only": _about({"type": "boolean"}, "Rows are written once and never changed or removed."),
        "immutable": _about(_TEXTS, "Columns whose values never change once a row is there, and were known with it."),
        "stream": _object({"kafka": _object({"topic": _TEXT, "format": _TEXT}, ("topic",))}),
    },
    ("name", "event_time", "columns"),
)
ENTITY: Final = _object({**_ABOUT, "keys": _COLUMNS}, ("name", "keys"))
FEATURE: Final = _object(
    {
        "name": _about(_TEXT, "With {window} in it where there are several windows."),
        "aggregate": _about(
            {"type": "object", "additionalProperties": _TEXTS}, "Columns by functions: {amount: [sum, avg]}"
        ),
        "sql": _about(_TEXT, "A scalar expression over aggregates, in DuckDB's SQL."),
        "latest": _about(_TEXT, "The newest value of this column."),
        "window": _WINDOW,
        "windows": _list(_WINDOW),
        "offset": _about(_DURATION, "Shifts the window into the past."),
        "default": _about(_VALUE, "Stands in where there is no value."),
        "description": _TEXT,
        "tags": _TEXTS,
    }
)
DERIVED: Final = _object(
    {"name": _NAME, "sql": _TEXT, "default": _VALUE, "description": _TEXT, "tags": _TEXTS}, ("name", "sql")
)
_SEVERITY: Final = {"severity": _choice("error", "warn")}
TEST: Final = _object(
    {
        "not_null": _TEXTS,
        "range": _object({"feature": _TEXT, "min": _NUMBER, "max": _NUMBER}, ("feature",)),
        "one_of": _object({"feature": _TEXT, "values": _list(_VALUE)}, ("feature", "values")),
        "rows": _object({"min": _NUMBER, "max": _NUMBER, "max_change": _NUMBER}),
        "null_share": _object({"feature": _TEXT, "max": _NUMBER, "max_rise": _NUMBER}, ("feature",)),
        "no_rows": _about(_TEXT, "A query over `this` that must bring nothing."),
        "drift": _object(
            {"feature": _TEXT, "metric": _TEXT, "warn": _NUMBER, "error": _NUMBER, "baseline": _DURATION},
            ("feature", "metric", "baseline"),
        ),
        **_SEVERITY,
    }
)
_ROW: Final[Schema] = {"type": "object", "additionalProperties": _VALUE}
EXAMPLE: Final = _object({"name": _TEXT, "at": _TEXT, "given": _list(_ROW), "expect": _list(_ROW)}, ("name", "at"))
VIEW: Final = _object(
    {
        **_ABOUT,
        "version": _VERSION,
        "tags": _TEXTS,
        "entity": _NAME,
        "source": _NAME,
        "keys": _about({"type": "object", "additionalProperties": _TEXT}, "Entity key to source column."),
        "where": _about(_TEXT, "A row filter, SQL over the source's columns."),
        "closed": _about(_choice("left", "right", "both"), "Which ends of a window are in it; left by default."),
        "freshness": _about(
            {"type": "string", "pattern": "^([0-9]+[smhdw]|request)$"}, "How fresh it must be: the grid of refreshes."
        ),
        "schedule": _about(_TEXT, "A cron expression (UTC) in place of the freshness grid."),
        "delay": _about(_DURATION, "How long after a grid point its values are published."),
        "granularity": _DURATION,
        "online_ttl": _about(_DURATION, "Values older than this are not served."),
        "start": _about(_TEXT, "Backfill from here."),
        "request": _COLUMNS,
        "features": _list(FEATURE),
        "derived": _list(DERIVED),
        "tests": _list(TEST),
        "examples": _list(EXAMPLE),
        "deprecated": _object({"since": _TEXT, "remove_after": _TEXT, "use": _NAME, "reason": _TEXT}, ("since",)),
        "changes": _about(
            _list(_object({"version": _VERSION, "reason": _TEXT, "agreed_by": _TEXTS}, ("version",))),
            "What versions changed, and the owners of services who agreed to it.",
        ),
    },
    ("name", "entity", "features"),
)
SERVICE: Final = _object(
    {
        **_ABOUT,
        "version": _VERSION,
        "model": _about(_TEXT, "Who depends on it."),
        "features": _about(_list(_TEXT), "view.feature, or a pattern: view.amount_*"),
        "max_staleness": _DURATION,
        "on_missing": _choice("default", "null", "error"),
    },
    ("name", "features"),
)
TRAINING_SET: Final = _object(
    {
        **_ABOUT,
        "service": _NAME,
        "spine": _object({"path": _TEXT, "table": _TEXT, "sql": _TEXT, "time": _TEXT, "label": _TEXTS}, ("time",)),
        "mode": _choice("exact", "as_served"),
    },
    ("name", "service", "spine"),
)
_KINDS: Final = {
    "source": SOURCE,
    "entity": ENTITY,
    "feature_view": VIEW,
    "feature_service": SERVICE,
    "training_set": TRAINING_SET,
}
#: The schema of one document: a single key, which names its kind.
SCHEMA: Final[Schema] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "fpc feature spec",
    "type": "object",
    "properties": _KINDS,
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
