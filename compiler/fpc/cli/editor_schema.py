"""A JSON schema of the spec language, by which editors complete keys, show what they are for and underline mistakes.

It is a help while writing: what a spec means and whether it is right, `fpc check` alone decides. A document's single
top-level key names its kind. Each property carries a description and an example.
"""

from __future__ import annotations

from typing import Final

from fpc.cli.schema_parts import (
    BOOLEAN,
    DURATION,
    FRESHNESS,
    NAME,
    NUMBER,
    TEXT,
    TEXTS,
    VALUE,
    VERSION,
    WINDOW,
    Schema,
    choice,
    either,
    items,
    key,
    mapping,
    named,
)

_FEATURE = key(TEXT, "A feature of this view.", "orders_7d")
_COLUMN: Final = either(
    TEXT,
    mapping(
        {
            "type": key(
                TEXT,
                "boolean, integer, bigint, hugeint, real, double, decimal(p,s), varchar, date, timestamp, timestamptz, "
                "or a list of one of them.",
                "bigint",
                "decimal(12,2)",
                "varchar[]",
            ),
            "description": key(TEXT, "What the column holds.", "Total in euros, taxes included."),
        },
        ("type",),
    ),
)
_COLUMNS: Final = named(_COLUMN)
_TIME: Final = either(
    TEXT,
    mapping(
        {
            "column": key(TEXT, "The column that holds the instant.", "ordered_at"),
            "unit": key(choice("s", "ms", "us", "ns"), "Of a number: what it counts since 1970.", "ms"),
        },
        ("column",),
    ),
)
_TAGS: Final = key(TEXTS, "Words to find it by.", ["ranking", "quality"])
_VERSION: Final = key(VERSION, "A number for people; what decides is the fingerprint of the meaning.", 1)
_ABOUT: Final[dict[str, Schema]] = {
    "name": key(
        NAME, "Lower-case letters, digits and underscores, at most 63; unique among those of its kind.", "orders"
    ),
    "description": key(TEXT, "One sentence that a colleague would search for.", "An order, once more at each change."),
    "owner": key(TEXT, "Who answers for it: team:NAME.", "team:growth"),
}


def _deprecated(shape: Schema, use: str, example: str) -> Schema:
    return mapping(
        {
            "since": key(TEXT, "From this day on nothing new should use it.", "2024-06-01"),
            "remove_after": key(TEXT, "After this day it may be gone.", "2024-12-31"),
            "use": key(shape, use, example),
            "reason": key(TEXT, "Why it goes.", "It counts cancelled orders."),
        },
        ("since",),
    )


_DEPRECATED: Final = key(
    _deprecated(TEXT, "The feature to use instead, of this view, or view.feature of another.", "orders_30d"),
    "The feature is on its way out.",
    {"since": "2024-06-01", "use": "orders_30d"},
)

SOURCE: Final = mapping(
    {
        **_ABOUT,
        "tags": _TAGS,
        "path": key(TEXT, "Parquet or CSV files, by a glob relative to the repository.", "data/orders/*.parquet"),
        "table": key(TEXT, "Or a table of the warehouse: schema.table", "raw.orders"),
        "dbt_model": key(NAME, "Or a model of your own in the same dbt project.", "stg_orders"),
        "event_time": key(_TIME, "The column of when it happened.", "ordered_at", {"column": "ts", "unit": "ms"}),
        "known_time": key(
            _TIME,
            "The column of when the platform could first have known the row; without it, when it happened.",
            "loaded_at",
        ),
        "unique_key": key(TEXTS, "Rows that share it are versions of one event.", "order_id"),
        "timezone": key(TEXT, "Of naive timestamps; UTC by default.", "Europe/Berlin"),
        "max_lateness": key(
            DURATION, "A promise: known time minus event time. Later rows count all the same, and are reported.", "30m"
        ),
        "partition_by": key(
            mapping(
                {
                    "column": key(TEXT, "The column that the partitions are named after.", "ds"),
                    "grain": key(choice("hour", "day", "month"), "What one partition spans.", "day"),
                },
                ("column", "grain"),
            ),
            "Lets a refresh leave out old partitions.",
            {"column": "ds", "grain": "day"},
        ),
        "columns": key(
            _COLUMNS, "The columns by name, each with its type.", {"order_id": "bigint", "amount": "decimal(12,2)"}
        ),
        "stream": key(
            mapping(
                {
                    "kafka": key(
                        mapping(
                            {
                                "topic": key(TEXT, "The topic's name.", "orders"),
                                "format": key(
                                    choice("json", "avro", "protobuf"), "How its messages are written.", "json"
                                ),
                            },
                            ("topic",),
                        ),
                        "The topic that carries the events.",
                        {"topic": "orders"},
                    )
                }
            ),
            "The same events, live. Checked now, read by a later release.",
            {"kafka": {"topic": "orders"}},
        ),
        "append_only": key(BOOLEAN, "Rows are written once and never changed or removed.", True),
        "immutable": key(
            TEXTS, "Columns whose values never change once a row is there, and were known with it.", ["amount"]
        ),
    },
    ("name", "event_time", "columns"),
)
ENTITY: Final = mapping(
    {
        **_ABOUT,
        "keys": key(
            _COLUMNS, "Name to type; several keys make a composite entity, and keep their order.", {"user_id": "bigint"}
        ),
    },
    ("name", "keys"),
)
FEATURE: Final = mapping(
    {
        "name": key(TEXT, "With {window} in it where there are several windows.", "orders_{window}"),
        "aggregate": key(
            named(TEXTS), "A matrix: columns by functions, for each window a feature.", {"amount": ["sum", "avg"]}
        ),
        "sql": key(
            TEXT,
            "A scalar expression over aggregates, in DuckDB's SQL.",
            "COUNT(*) FILTER (WHERE status = 'completed')",
        ),
        "latest": key(TEXT, "The newest value of this column that is not null.", "status"),
        "window": key(WINDOW, "How far back it looks; lifetime is without an end.", "7d", "lifetime"),
        "windows": key(items(WINDOW), "Several windows, each a feature of its own.", ["1d", "7d", "30d"]),
        "offset": key(DURATION, "Shifts the window into the past.", "1d"),
        "default": key(VALUE, "Stands in where there is no value.", 0),
        "description": key(TEXT, "What the value tells.", "Orders that were not cancelled."),
        "tags": _TAGS,
        "deprecated": _DEPRECATED,
    }
)
DERIVED: Final = mapping(
    {
        "name": key(NAME, "The feature's name.", "orders_trend"),
        "sql": key(TEXT, "A scalar expression over features of this view.", "orders_7d / NULLIF(orders_30d, 0)"),
        "default": key(VALUE, "Stands in where there is no value.", 0.0),
        "description": key(TEXT, "What the value tells.", "Share of the month's orders in its last week."),
        "tags": _TAGS,
        "deprecated": _DEPRECATED,
    },
    ("name", "sql"),
)
TEST: Final = mapping(
    {
        "not_null": key(TEXTS, "Features that must have a value for every entity.", ["orders_7d"]),
        "range": key(
            mapping(
                {
                    "feature": _FEATURE,
                    "min": key(NUMBER, "The least value allowed.", 0),
                    "max": key(NUMBER, "The greatest value allowed.", 1),
                },
                ("feature",),
            ),
            "Values lie between two numbers, both allowed.",
            {"feature": "cancelled_share_30d", "min": 0, "max": 1},
        ),
        "one_of": key(
            mapping(
                {"feature": _FEATURE, "values": key(items(VALUE), "All values that may occur.", ["web", "ios"])},
                ("feature", "values"),
            ),
            "Values are some of a list.",
            {"feature": "last_device", "values": ["web", "ios"]},
        ),
        "rows": key(
            mapping(
                {
                    "min": key(NUMBER, "As many entities at least.", 1000),
                    "max": key(NUMBER, "As many entities at most.", 1000000),
                    "max_change": key(NUMBER, "By which share their number may move at once.", 0.2),
                }
            ),
            "How many entities there are.",
            {"min": 1000, "max_change": 0.2},
        ),
        "null_share": key(
            mapping(
                {
                    "feature": _FEATURE,
                    "max": key(NUMBER, "The greatest share of nulls.", 0.1),
                    "max_rise": key(NUMBER, "By how much the share may rise at once.", 0.05),
                },
                ("feature",),
            ),
            "How many values may be missing.",
            {"feature": "amount_avg_7d", "max": 0.1},
        ),
        "no_rows": key(
            TEXT, "A query over `this` that must bring nothing.", "SELECT * FROM this WHERE orders_7d > orders_30d"
        ),
        "drift": key(
            mapping(
                {
                    "feature": _FEATURE,
                    "metric": key(TEXT, "How two distributions are compared.", "psi"),
                    "warn": key(NUMBER, "From here on it is reported.", 0.1),
                    "error": key(NUMBER, "From here on it fails.", 0.25),
                    "baseline": key(DURATION, "How far back the distribution lies that is compared with.", "7d"),
                },
                ("feature", "metric", "baseline"),
            ),
            "Checked now, run by a later release.",
            {"feature": "amount_avg_7d", "metric": "psi", "baseline": "7d"},
        ),
        "severity": key(choice("error", "warn"), "With warn a failure is reported and stops nothing.", "warn"),
    }
)
_ROW: Final = named(VALUE)
EXAMPLE: Final = mapping(
    {
        "name": key(TEXT, "What the example shows.", "a cancelled order does not count"),
        "at": key(TEXT, "The instant that is asked about.", "2024-03-08T00:00:00Z"),
        "given": key(items(_ROW), "Rows of the source; what is left out is null.", [{"order_id": 1, "user_id": 7}]),
        "expect": key(items(_ROW), "Keys, and some features with their values.", [{"user_id": 7, "orders_7d": 1}]),
    },
    ("name", "at", "given", "expect"),
)
VIEW: Final = mapping(
    {
        **_ABOUT,
        "version": _VERSION,
        "tags": _TAGS,
        "entity": key(NAME, "What the features describe.", "user"),
        "source": key(NAME, "The events that they are computed from.", "orders"),
        "keys": key(named(TEXT), "Entity key to source column, where the names differ.", {"airport": "dest"}),
        "where": key(TEXT, "A row filter, SQL over the source's columns.", "status <> 'test'"),
        "closed": key(
            choice("left", "right", "both"),
            "Which ends of a window are in it: left (default) is [t-w, t), right (t-w, t], both [t-w, t].",
            "left",
        ),
        "freshness": key(FRESHNESS, "How fresh it must be: the grid of refreshes.", "1h"),
        "schedule": key(TEXT, "A cron expression (UTC) in place of that grid.", "15 6 * * *"),
        "delay": key(DURATION, "How long after a grid point its values can be read.", "10m"),
        "granularity": key(DURATION, "Of streaming views only: what one pane spans.", "5m"),
        "online_ttl": key(DURATION, "Older values are not served: the answer is the default.", "3d"),
        "start": key(TEXT, "History begins here.", "2024-01-01"),
        "request": key(_COLUMNS, "Typed fields of a request-time view.", {"amount": "double"}),
        "features": key(items(FEATURE), "The features.", [{"name": "orders_7d", "sql": "COUNT(*)", "window": "7d"}]),
        "derived": key(
            items(DERIVED), "Features made of features of this view.", [{"name": "twice", "sql": "2 * orders_7d"}]
        ),
        "tests": key(items(TEST), "What must hold before values are published.", [{"not_null": ["orders_7d"]}]),
        "examples": key(
            items(EXAMPLE),
            "Rows in, values out, run by `fpc test`; `fpc example VIEW --from-data` writes some.",
            [{"name": "no order yet", "at": "2024-03-08", "given": [], "expect": [{"user_id": 7, "orders_7d": 0}]}],
        ),
        "deprecated": key(
            _deprecated(NAME, "The view to use instead.", "user_orders_v2"),
            "The view is on its way out.",
            {"since": "2024-06-01", "use": "user_orders_v2"},
        ),
        "changes": key(
            items(
                mapping(
                    {
                        "version": key(VERSION, "The version that the change made.", 2),
                        "reason": key(TEXT, "Why it was made.", "Cancelled orders no longer count."),
                        "agreed_by": key(TEXTS, "Owners of services who agreed.", ["team:growth"]),
                    },
                    ("version",),
                )
            ),
            "What versions changed, and the owners of services who agreed to it.",
            [{"version": 2, "reason": "Cancelled orders no longer count.", "agreed_by": ["team:growth"]}],
        ),
    },
    ("name", "entity", "features"),
)
SERVICE: Final = mapping(
    {
        **_ABOUT,
        "version": _VERSION,
        "model": key(TEXT, "Who depends on it.", "churn-model"),
        "features": key(items(TEXT), "view.feature, or a pattern.", ["user_orders.orders_7d", "user_orders.amount_*"]),
        "max_staleness": key(DURATION, "Checked against the views' freshness and delay.", "2h"),
        "on_missing": key(choice("default", "null", "error"), "What is answered where there is no value.", "default"),
    },
    ("name", "features"),
)
TRAINING_SET: Final = mapping(
    {
        **_ABOUT,
        "service": key(NAME, "Whose features are joined.", "churn"),
        "spine": key(
            mapping(
                {
                    "path": key(TEXT, "The labelled rows in a Parquet or CSV file.", "data/labels.csv"),
                    "table": key(TEXT, "Or in a table of the warehouse.", "labels.churn"),
                    "sql": key(TEXT, "Or a query over the warehouse.", "SELECT * FROM labels.churn"),
                    "time": key(TEXT, "The column of each row's instant.", "label_time"),
                    "label": key(TEXTS, "The columns to predict.", "churned"),
                },
                ("time",),
            ),
            "The labelled rows.",
            {"path": "data/labels.csv", "time": "label_time", "label": "churned"},
        ),
        "mode": key(
            choice("as_served", "exact"),
            "as_served: what the online store would have answered; exact: the value at that very instant.",
            "as_served",
        ),
    },
    ("name", "service", "spine"),
)
#: The schema of one document: a single key, which names its kind.
SCHEMA: Final[Schema] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "fpc feature spec",
    "description": "One document of features/**/*.yml: a single key, which names its kind.",
    "type": "object",
    "properties": {
        "source": key(SOURCE, "Events, one row each, in files or a table.", {"name": "orders"}),
        "entity": key(ENTITY, "What features describe.", {"name": "user", "keys": {"user_id": "bigint"}}),
        "feature_view": key(
            VIEW, "Features of one entity from one source, refreshed and published together.", {"name": "user_orders"}
        ),
        "feature_service": key(SERVICE, "What one model reads.", {"name": "churn"}),
        "training_set": key(TRAINING_SET, "A service's features beside labelled rows.", {"name": "churn_training"}),
    },
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
