"""A repository that uses every key of the language, and for each key edits that change what it says."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final, NamedTuple

from tests.unit.change.layouts import Document

from fpc.change.nodes import Class

_COLUMNS: Final = {
    "order_id": "bigint",
    "user_id": "bigint",
    "courier_id": "bigint",
    "ordered_at": "timestamptz",
    "loaded_at": "timestamptz",
    "millis": "bigint",
    "naive": "timestamp",
    "status": {"type": "varchar", "description": "As the shop says it."},
    "amount": "decimal(12,2)",
    "ds": "date",
}
DOCUMENTS: Final[list[Document]] = [
    (
        "source",
        {
            "name": "orders",
            "description": "One row per order.",
            "owner": "team:orders",
            "tags": ["shop", "money"],
            "path": "data/orders/*.parquet",
            "event_time": "ordered_at",
            "known_time": "loaded_at",
            "unique_key": ["order_id", "user_id"],
            "max_lateness": "2h",
            "partition_by": {"column": "ds", "grain": "day"},
            "columns": _COLUMNS,
            "stream": {"kafka": {"topic": "orders", "format": "json"}},
            "immutable": ["amount", "user_id"],
        },
    ),
    ("source", {"name": "visits", "owner": "team:growth", "table": "raw.visits", "event_time": "naive",
                "timezone": "Europe/Berlin", "append_only": True,
                "columns": {"user_id": "bigint", "naive": "timestamp"}}),
    ("source", {"name": "clicks", "owner": "team:growth", "dbt_model": "clicks",
                "event_time": {"column": "at", "unit": "ms"}, "columns": {"user_id": "bigint", "at": "bigint"}}),
    ("entity", {"name": "user", "description": "A person.", "owner": "team:growth",
                "keys": {"user_id": {"type": "bigint", "description": "Of the account."}}}),
    ("source", {"name": "unread", "owner": "team:growth", "path": "data/unread.csv", "event_time": "at",
                "columns": {"at": "timestamptz"}}),
    ("entity", {"name": "client", "owner": "team:growth", "keys": {"user_id": "integer"}}),
    ("entity", {"name": "place", "owner": "team:growth", "keys": {"x": "bigint", "y": "bigint"}}),
    ("entity", {"name": "courier", "owner": "team:orders", "keys": {"courier_id": "bigint"}}),
    (
        "feature_view",
        {
            "name": "user_orders",
            "version": 2,
            "description": "What a user orders.",
            "owner": "team:orders",
            "tags": ["growth", "money"],
            "entity": "user",
            "source": "orders",
            "keys": {"user_id": "user_id"},
            "where": "status <> 'test'",
            "closed": "right",
            "freshness": "1h",
            "delay": "10m",
            "granularity": "5m",
            "online_ttl": "3d",
            "start": "2024-01-01",
            "features": [
                {"name": "orders_7d", "sql": "COUNT(*)", "window": "7d", "default": 0, "description": "Orders.",
                 "tags": ["core", "count"]},
                {"name": "before_7d", "sql": "COUNT(*)", "window": "7d", "offset": "7d",
                 "deprecated": {"since": "2026-11-01", "remove_after": "2027-02-01", "use": "orders_7d",
                                "reason": "Old."}},
                {"name": "last_status", "latest": "status", "window": "30d"},
                {"name": "kinds_{window}", "sql": "COUNT(DISTINCT status)", "windows": ["1d", "30d"]},
                {"aggregate": {"amount": ["sum", "avg"], "order_id": ["max"]}, "windows": ["7d", "14d"]},
            ],
            "derived": [
                {"name": "mean_7d", "sql": "amount_sum_7d / NULLIF(orders_7d, 0)", "default": 1.5,
                 "description": "Of an order.", "tags": ["core"]},
                {"name": "trend", "sql": "orders_7d - before_7d",
                 "deprecated": {"since": "2026-11-01", "remove_after": "2027-02-01", "use": "mean_7d",
                                "reason": "Old."}},
            ],
            "tests": [
                {"not_null": ["orders_7d", "before_7d"], "severity": "warn"},
                {"range": {"feature": "orders_7d", "min": 0, "max": 100}},
                {"one_of": {"feature": "last_status", "values": ["placed", "completed"]}},
                {"rows": {"min": 1, "max": 1000, "max_change": 0.5}},
                {"null_share": {"feature": "mean_7d", "max": 0.5, "max_rise": 0.1}},
                {"no_rows": "SELECT * FROM this WHERE orders_7d < 0"},
                {"drift": {"feature": "orders_7d", "metric": "psi", "warn": 0.1, "error": 0.25, "baseline": "28d"}},
            ],
            "examples": [
                {
                    "name": "two orders",
                    "at": "2024-03-08",
                    "given": [
                        {"order_id": 1, "user_id": 7, "ordered_at": "2024-03-07", "amount": 10, "status": "placed"},
                        {"order_id": 2, "user_id": 7, "ordered_at": "2024-03-06", "amount": 5, "status": "placed"},
                    ],
                    "expect": [{"user_id": 7, "orders_7d": 2}, {"user_id": 8, "orders_7d": 0}],
                },
                {"name": "none", "at": "2024-03-08", "given": [], "expect": [{"user_id": 7, "orders_7d": 0}]},
            ],
            "deprecated": {"since": "2026-11-01", "remove_after": "2027-02-01", "use": "user_visits", "reason": "Why."},
            "changes": [
                {"version": 1, "reason": "Gifts.", "agreed_by": ["team:growth", "team:orders"]},
                {"version": 2, "reason": "Tests.", "agreed_by": ["team:growth"]},
            ],
        },
    ),
    ("feature_view", {"name": "courier_rides", "owner": "team:orders", "entity": "courier", "source": "orders",
                      "schedule": "5 * * * *", "features": [{"name": "rides", "sql": "COUNT(*)", "window": "1d"},
                                   {"name": "last_status", "latest": "status", "window": "lifetime"}]}),
    ("feature_view", {"name": "user_visits", "owner": "team:growth", "entity": "user", "source": "visits",
                      "freshness": "1d", "features": [{"name": "visits", "sql": "COUNT(*)", "window": "lifetime"}]}),
    ("feature_view", {"name": "user_clicks", "owner": "team:growth", "entity": "user", "source": "clicks",
                      "freshness": "1d", "features": [{"name": "clicks", "sql": "COUNT(*)", "window": "30d"}]}),
    ("feature_service", {"name": "churn", "version": 3, "description": "Who leaves.", "owner": "team:growth",
                         "model": "churn-classifier", "max_staleness": "2d", "on_missing": "null",
                         "features": ["user_orders.orders_7d", "user_orders.mean_7d", "user_visits.visits"]}),
    ("feature_service", {"name": "spare", "owner": "team:growth", "features": ["user_clicks.*"]}),
    ("training_set", {"name": "churned", "description": "Who left.", "owner": "team:growth", "service": "churn",
                      "mode": "exact", "spine": {"path": "data/labels.csv", "time": "at", "label": ["left"]}}),
    ("training_set", {"name": "churned_too", "owner": "team:growth", "service": "churn",
                      "spine": {"table": "labels.left", "time": "at"}}),
    ("training_set", {"name": "churned_three", "owner": "team:growth", "service": "churn",
                      "spine": {"sql": "SELECT user_id, at FROM labels.left WHERE at > '2024-01-01'", "time": "at"}}),
]  # fmt: skip

#: Takes a key out.
OUT: Final = object()


class Edit(NamedTuple):
    """One edit: of what (kind and name), at which keys and places in lists, to what; which change tells it, as what."""

    of: str
    path: tuple[str | int, ...]
    to: Any
    told: str
    as_: Class


_VALUE, _TYPE, _LATER = Class.VALUE, Class.TYPE, Class.AVAILABILITY
_SAID, _NEW, _GONE, _RENAMED = Class.METADATA, Class.ADDED, Class.REMOVED, Class.RENAMED
_V, _F, _S = "feature view user_orders", "feature user_orders.", "source orders"
_ROWS = f"{_F}orders_7d"


def edited(edit: Edit) -> list[Document]:
    """The repository with one edit made."""
    documents = deepcopy(DOCUMENTS)
    kind, _, name = edit.of.partition(" ")
    place: Any = next(body for each, body in documents if each == kind and body["name"] == name)
    for step in edit.path[:-1]:
        place = place[step]
    last = edit.path[-1]
    if edit.to is OUT:
        del place[last]
    elif isinstance(place, list):
        place[int(last) : int(last) + 1] = [deepcopy(edit.to)]
    else:
        place[last] = deepcopy(edit.to)
    return documents


def _source(key: str, to: Any, told: str, as_: Class, of: str = "orders") -> Edit:
    return Edit(f"source {of}", tuple(key.split(".")), to, told, as_)


def _view(path: tuple[str | int, ...], to: Any, told: str, as_: Class, of: str = "user_orders") -> Edit:
    return Edit(f"feature_view {of}", path, to, told, as_)


def _test(at: int, key: tuple[str, ...], to: Any) -> Edit:
    return _view(("tests", at, *key), to, _V, _LATER)


def _example(key: tuple[str | int, ...], to: Any) -> Edit:
    return _view(("examples", 0, *key), to, _V, _SAID)


def _end(of: str, key: tuple[str, ...], to: Any, name: str) -> Edit:
    as_ = _SAID if key in (("use",), ("reason",)) else _LATER
    return _view((of, 1, "deprecated", *key), to, f"{_F}{name}", as_)


def _service(key: str, to: Any, as_: Class) -> Edit:
    return Edit("feature_service churn", (key,), to, "feature service churn", as_)


def _training(path: str, to: Any, as_: Class, of: str = "churned") -> Edit:
    return Edit(f"training_set {of}", tuple(path.split(".")), to, f"training set {of}", as_)


#: Keys that cannot be given another value in a repository without errors, and why.
UNBUILT: Final = {"feature_view.request": "request-time views are not built yet"}
#: Edits by the key that they change, as the language's schema names it.
EDITS: Final[dict[str, tuple[Edit, ...]]] = {
    "source.name": (_source("name", "read", "source read", _RENAMED, "unread"),),
    "source.description": (_source("description", "Every order.", _S, _SAID), _source("description", OUT, _S, _SAID)),
    "source.owner": (_source("owner", "team:other", _S, _SAID),),
    "source.tags": (_source("tags", ["shop"], _S, _SAID),),
    "source.path": (_source("path", "data/others/*.parquet", _ROWS, _VALUE),),
    "source.table": (_source("table", "raw.visited", "feature user_visits.visits", _VALUE, "visits"),),
    "source.dbt_model": (_source("dbt_model", "clicked", "feature user_clicks.clicks", _VALUE, "clicks"),),
    "source.event_time": (_source("event_time", "loaded_at", _ROWS, _VALUE),),
    "source.event_time.column": (_source("event_time", {"column": "millis", "unit": "ms"}, _ROWS, _VALUE),),
    "source.event_time.unit": (_source("event_time.unit", "us", "feature user_clicks.clicks", _VALUE, "clicks"),),
    "source.known_time": (_source("known_time", OUT, _ROWS, _VALUE),),
    "source.known_time.column": (_source("known_time", {"column": "millis", "unit": "ms"}, _ROWS, _VALUE),),
    "source.known_time.unit": (_source("known_time", {"column": "millis", "unit": "s"}, _ROWS, _VALUE),),
    "source.unique_key": (_source("unique_key", "order_id", _ROWS, _VALUE), _source("unique_key", OUT, _ROWS, _VALUE)),
    "source.timezone": (_source("timezone", OUT, "feature user_visits.visits", _VALUE, "visits"),),
    "source.max_lateness": (_source("max_lateness", "3h", _S, _LATER), _source("max_lateness", OUT, _S, _LATER)),
    "source.partition_by": (_source("partition_by", OUT, _S, _LATER),),
    "source.partition_by.column": (_source("partition_by.column", "other", _S, _LATER),),
    "source.partition_by.grain": (_source("partition_by.grain", "month", _S, _LATER),),
    "source.columns": (
        _source("columns.new", "bigint", _S, _SAID),
        _source("columns.courier_id", "integer", _S, _TYPE),
        _source("columns", {name: _COLUMNS[name] for name in sorted(_COLUMNS)}, _S, _VALUE),
    ),
    "source.columns.type": (_source("columns.amount", {"type": "double"}, _S, _TYPE),),
    "source.columns.description": (_source("columns.status.description", "Its state.", _S, _SAID),),
    "source.stream": (_source("stream", OUT, _S, _LATER),),
    "source.stream.kafka": (_source("stream.kafka", {"topic": "all", "format": "avro"}, _S, _LATER),),
    "source.stream.kafka.topic": (_source("stream.kafka.topic", "others", _S, _LATER),),
    "source.stream.kafka.format": (_source("stream.kafka.format", "avro", _S, _LATER),),
    "source.append_only": (_source("append_only", False, "source visits", _SAID, "visits"),),
    "source.immutable": (_source("immutable", "amount", _S, _SAID),),
    "entity.name": (Edit("entity place", ("name",), "spot", "entity spot", _RENAMED),),
    "entity.description": (Edit("entity user", ("description",), "A customer.", "entity user", _SAID),),
    "entity.owner": (Edit("entity user", ("owner",), "team:other", "entity user", _SAID),),
    "entity.keys": (
        Edit("entity place", ("keys",), {"x": "bigint"}, "entity place", _TYPE),
        Edit("entity place", ("keys",), {"y": "bigint", "x": "bigint"}, "entity place", _TYPE),
    ),
    "entity.keys.type": (Edit("entity user", ("keys", "user_id"), {"type": "integer"}, "entity user", _TYPE),),
    "entity.keys.description": (Edit("entity user", ("keys", "user_id", "description"), "Other.", "entity user",
            _SAID),),
    "feature_view.name": (_view(("name",), "rides_of_courier", "feature view rides_of_courier", _RENAMED,
            "courier_rides"),),
    "feature_view.version": (_view(("version",), 3, _V, _SAID),),
    "feature_view.description": (_view(("description",), "Orders.", _V, _SAID),),
    "feature_view.owner": (_view(("owner",), "team:growth", _V, _SAID),),
    "feature_view.tags": (_view(("tags",), ["growth", "core"], _V, _SAID), _view(("tags",), OUT, _V, _SAID)),
    "feature_view.entity": (_view(("entity",), "client", "feature view user_visits", _TYPE, "user_visits"),),
    "feature_view.source": (_view(("source",), "clicks", "feature user_visits.visits", _VALUE, "user_visits"),),
    "feature_view.keys": (_view(("keys",), {"user_id": "courier_id"}, _ROWS, _VALUE),),
    "feature_view.where": (_view(("where",), "status = 'test'", _ROWS, _VALUE), _view(("where",), OUT, _ROWS, _VALUE)),
    "feature_view.closed": (_view(("closed",), "both", _ROWS, _VALUE), _view(("closed",), OUT, _ROWS, _VALUE)),
    "feature_view.freshness": (_view(("freshness",), "2h", _V, _LATER),),
    "feature_view.schedule": (
        _view(("schedule",), "6 * * * *", "feature view courier_rides", _LATER, "courier_rides"),
        _view(("schedule",), "5 * * * *", _V, _LATER),
    ),
    "feature_view.delay": (_view(("delay",), "11m", _V, _LATER), _view(("delay",), OUT, _V, _LATER)),
    "feature_view.granularity": (_view(("granularity",), "6m", _V, _LATER),),
    "feature_view.online_ttl": (_view(("online_ttl",), "4d", _V, _LATER), _view(("online_ttl",), OUT, _V, _LATER)),
    "feature_view.start": (_view(("start",), "2024-01-02", _V, _LATER), _view(("start",), OUT, _V, _LATER)),
    "feature_view.features": (
        _view(("features", 5), {"name": "n", "sql": "MAX(amount)", "window": "1d"}, f"{_F}n", _NEW),
        _view(("features", 1), OUT, "feature courier_rides.last_status", _GONE, "courier_rides"),
    ),
    "feature_view.features.name": (_view(("features", 3, "name"), "sorts_{window}", f"{_F}sorts_1d", _RENAMED),),
    "feature_view.features.aggregate": (
        _view(("features", 4, "aggregate", "amount"), ["sum", "avg", "min"], f"{_F}amount_min_7d", _NEW),
        _view(("features", 4, "aggregate", "order_id"), OUT, f"{_F}order_id_max_14d", _GONE),
    ),
    "feature_view.features.sql": (_view(("features", 0, "sql"), "COUNT(amount)", _ROWS, _VALUE),),
    "feature_view.features.latest": (
        _view(("features", 1, "latest"), "amount", "feature courier_rides.last_status", _TYPE, "courier_rides"),
    ),
    "feature_view.features.window": (
        _view(("features", 0, "window"), "8d", _ROWS, _VALUE),
        _view(("features", 0, "window"), "lifetime", _ROWS, _VALUE),
    ),
    "feature_view.features.windows": (
        _view(("features", 3, "windows"), ["1d", "30d", "31d"], f"{_F}kinds_31d", _NEW),
        _view(("features", 4, "windows"), ["7d"], f"{_F}amount_avg_14d", _GONE),
    ),
    "feature_view.features.offset": (
        _view(("features", 1, "offset"), "6d", f"{_F}before_7d", _VALUE),
        _view(("features", 1, "offset"), OUT, f"{_F}before_7d", _VALUE),
    ),
    "feature_view.features.default": (
        _view(("features", 0, "default"), 1, _ROWS, _VALUE),
        _view(("features", 0, "default"), OUT, _ROWS, _VALUE),
    ),
    "feature_view.features.description": (_view(("features", 0, "description"), "All.", _ROWS, _SAID),),
    "feature_view.features.tags": (_view(("features", 0, "tags"), ["core"], _ROWS, _SAID),),
    "feature_view.derived": (_view(("derived", 1), OUT, f"{_F}trend", _GONE),),
    "feature_view.derived.name": (_view(("derived", 1, "name"), "rise", f"{_F}rise", _RENAMED),),
    "feature_view.derived.sql": (_view(("derived", 1, "sql"), "before_7d - orders_7d", f"{_F}trend", _VALUE),),
    "feature_view.derived.default": (_view(("derived", 0, "default"), 2.5, f"{_F}mean_7d", _VALUE),),
    "feature_view.derived.description": (_view(("derived", 0, "description"), "Mean.", f"{_F}mean_7d", _SAID),),
    "feature_view.derived.tags": (_view(("derived", 0, "tags"), OUT, f"{_F}mean_7d", _SAID),),
    "feature_view.features.deprecated": (_end("features", (), OUT, "before_7d"),),
    "feature_view.features.deprecated.since": (_end("features", ("since",), "2026-11-02", "before_7d"),),
    "feature_view.features.deprecated.remove_after": (_end("features", ("remove_after",), OUT, "before_7d"),),
    "feature_view.features.deprecated.use": (_end("features", ("use",), "last_status", "before_7d"),),
    "feature_view.features.deprecated.reason": (_end("features", ("reason",), "Older.", "before_7d"),),
    "feature_view.derived.deprecated": (_end("derived", (), OUT, "trend"),),
    "feature_view.derived.deprecated.since": (_end("derived", ("since",), "2026-11-02", "trend"),),
    "feature_view.derived.deprecated.remove_after": (_end("derived", ("remove_after",), OUT, "trend"),),
    "feature_view.derived.deprecated.use": (_end("derived", ("use",), "last_status", "trend"),),
    "feature_view.derived.deprecated.reason": (_end("derived", ("reason",), "Older.", "trend"),),
    "feature_view.tests": (_view(("tests", 0), OUT, _V, _LATER),),
    "feature_view.tests.not_null": (_test(0, ("not_null",), ["orders_7d"]),),
    "feature_view.tests.range": (_test(1, ("range",), {"feature": "trend", "min": 0}),),
    "feature_view.tests.range.feature": (_test(1, ("range", "feature"), "before_7d"),),
    "feature_view.tests.range.min": (_test(1, ("range", "min"), 1), _test(1, ("range", "min"), OUT)),
    "feature_view.tests.range.max": (_test(1, ("range", "max"), 101), _test(1, ("range", "max"), OUT)),
    "feature_view.tests.one_of": (_test(2, ("one_of",), {"feature": "last_status", "values": ["placed"]}),),
    "feature_view.tests.one_of.feature": (
        _test(2, ("one_of",), {"feature": "kinds_1d", "values": [1, 2]}),
    ),
    "feature_view.tests.one_of.values": (_test(2, ("one_of", "values"), ["placed", "completed", "paid"]),),
    "feature_view.tests.rows": (_test(3, ("rows",), {"min": 2}),),
    "feature_view.tests.rows.min": (_test(3, ("rows", "min"), 2),),
    "feature_view.tests.rows.max": (_test(3, ("rows", "max"), OUT),),
    "feature_view.tests.rows.max_change": (_test(3, ("rows", "max_change"), 0.6), _test(3, ("rows", "max_change"),
            OUT)),
    "feature_view.tests.null_share": (_test(4, ("null_share",), {"feature": "trend", "max": 0.5}),),
    "feature_view.tests.null_share.feature": (_test(4, ("null_share", "feature"), "trend"),),
    "feature_view.tests.null_share.max": (_test(4, ("null_share", "max"), 0.6),),
    "feature_view.tests.null_share.max_rise": (_test(4, ("null_share", "max_rise"), 0.2),),
    "feature_view.tests.no_rows": (_test(5, ("no_rows",), "SELECT * FROM this WHERE orders_7d <= 0"),),
    "feature_view.tests.drift": (_view(("tests", 6), OUT, _V, _LATER),),
    "feature_view.tests.drift.feature": (_test(6, ("drift", "feature"), "before_7d"),),
    "feature_view.tests.drift.metric": (_test(6, ("drift", "metric"), "ks"),),
    "feature_view.tests.drift.warn": (_test(6, ("drift", "warn"), 0.2),),
    "feature_view.tests.drift.error": (_test(6, ("drift", "error"), 0.3),),
    "feature_view.tests.drift.baseline": (_test(6, ("drift", "baseline"), "27d"),),
    "feature_view.tests.severity": (_test(0, ("severity",), "error"), _test(0, ("severity",), OUT)),
    "feature_view.examples": (_view(("examples", 1), OUT, _V, _SAID),),
    "feature_view.examples.name": (_example(("name",), "Two orders"),),
    "feature_view.examples.at": (_example(("at",), "2024-03-09"),),
    "feature_view.examples.given": (_example(("given", 0), OUT), _example(("given", 0, "amount"), 11)),
    "feature_view.examples.expect": (_example(("expect", 1), OUT), _example(("expect", 0, "orders_7d"), 3)),
    "feature_view.deprecated": (_view(("deprecated",), OUT, _V, _LATER),),
    "feature_view.deprecated.since": (_view(("deprecated", "since"), "2026-11-02", _V, _LATER),),
    "feature_view.deprecated.remove_after": (_view(("deprecated", "remove_after"), OUT, _V, _LATER),),
    "feature_view.deprecated.use": (_view(("deprecated", "use"), "user_clicks", _V, _SAID),),
    "feature_view.deprecated.reason": (_view(("deprecated", "reason"), "Because.", _V, _SAID),),
    "feature_view.changes": (_view(("changes", 0), OUT, _V, _SAID),),
    "feature_view.changes.version": (_view(("changes", 0, "version"), 2, _V, _SAID),),
    "feature_view.changes.reason": (_view(("changes", 0, "reason"), "Presents.", _V, _SAID),),
    "feature_view.changes.agreed_by": (_view(("changes", 1, "agreed_by"), ["team:orders"], _V, _SAID),),
    "feature_service.name": (Edit("feature_service spare", ("name",), "more", "feature service more", _RENAMED),),
    "feature_service.description": (_service("description", OUT, _SAID),),
    "feature_service.owner": (_service("owner", "team:other", _SAID),),
    "feature_service.version": (_service("version", 4, _SAID),),
    "feature_service.model": (_service("model", "other", _SAID), _service("model", OUT, _SAID)),
    "feature_service.features": (
        _service("features", ["user_orders.orders_7d", "user_visits.visits"], _TYPE),
        _service("features", ["user_visits.visits", "user_orders.orders_7d", "user_orders.mean_7d"], _SAID),
    ),
    "feature_service.max_staleness": (_service("max_staleness", "3d", _LATER), _service("max_staleness", OUT, _LATER)),
    "feature_service.on_missing": (_service("on_missing", "error", _VALUE), _service("on_missing", OUT, _VALUE)),
    "training_set.name": (_training("name", "gone", _RENAMED)._replace(told="training set gone"),),
    "training_set.description": (_training("description", "Gone.", _SAID),),
    "training_set.owner": (_training("owner", "team:orders", _SAID),),
    "training_set.service": (_training("service", "spare", _VALUE),),
    "training_set.spine": (_training("spine", {"table": "labels.left", "time": "at"}, _VALUE),),
    "training_set.spine.path": (_training("spine.path", "data/other.csv", _VALUE),),
    "training_set.spine.table": (_training("spine.table", "labels.gone", _VALUE, "churned_too"),),
    "training_set.spine.sql": (_training("spine.sql", "SELECT user_id, at FROM labels.left", _VALUE, "churned_three"),),
    "training_set.spine.time": (_training("spine.time", "then", _VALUE),),
    "training_set.spine.label": (_training("spine.label", ["gone"], _TYPE),),
    "training_set.mode": (_training("mode", OUT, _VALUE),),
}  # fmt: skip
