"""What the items of `features` and `derived` expand to: names, windows, calls, types, defaults."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.model.repositories import CONFIG, ENTITY, SOURCE, VIEW, Analysed, analysed, with_features, with_sql

from fpc.model.features import MatrixFunction, read_function
from fpc.model.nodes import Closed, Grid, Mode, OnMissing, Tier
from fpc.types.duration import Duration

MATRIX = """\
    - aggregate: {amount: [sum, percentile(0.9)], order_id: count, status: [last_k(3), top_k(2)]}
      windows: [24h, lifetime]
      offset: 1d
      default: null
      tags: [money]
"""


def test_a_matrix_is_columns_by_functions_by_windows(tmp_path: Path) -> None:
    found = with_features(tmp_path, MATRIX)
    assert not found.diagnostics
    assert [(f.name, str(f.type)) for f in found.view.features] == [
        ("amount_sum_24h", "decimal(38,2)"),
        ("amount_sum_lifetime", "decimal(38,2)"),
        ("amount_p90_24h", "double"),
        ("amount_p90_lifetime", "double"),
        ("order_id_count_24h", "bigint"),
        ("order_id_count_lifetime", "bigint"),
        ("status_last_3_24h", "varchar[]"),
        ("status_last_3_lifetime", "varchar[]"),
        ("status_top_2_24h", "varchar[]"),
        ("status_top_2_lifetime", "varchar[]"),
    ]
    first, second = found.view.features[:2]
    assert first.window.length == Duration.parse("1d") and first.window.offset == Duration.parse("1d")
    assert second.window.length is None
    assert first.sql == "SUM(amount)" and first.tags == ("money",)
    assert found.at(first.span) == "sum"
    (call,) = found.view.features[2].aggregates
    assert (call.id, call.function, call.parameters, str(call.type)) == ("__a0", "percentile", (0.9,), "double")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("sum", "sum"),
        ("percentile(0.9)", "p90"),
        ("percentile( .5 )", "p50"),
        ("percentile(0.999)", "p99_9"),
        ("percentile(1)", "p100"),
        ("approx_percentile(0.25)", "approx_p25"),
        ("last_k(3)", "last_3"),
        ("first_k(10)", "first_10"),
        ("top_k(5)", "top_5"),
    ],
)
def test_a_function_of_the_matrix_has_a_word_for_names(text: str, word: str) -> None:
    function = read_function(text)
    assert isinstance(function, MatrixFunction)
    assert function.word == word


@pytest.mark.parametrize("text", ["", "SUM", "sum()", "sum(", "percentile(x)", "last_k(1.5)", "percentile(1e99999999)"])
def test_what_is_no_function_of_the_matrix(text: str) -> None:
    assert not isinstance(read_function(text), MatrixFunction)


def test_windows_go_into_names_and_latest_is_last(tmp_path: Path) -> None:
    found = with_features(
        tmp_path,
        """\
    - {name: "orders_last_{window}", sql: COUNT(order_id), windows: [7d, 2w]}
    - {name: last_status, latest: Status, window: 90d, description: The newest. }
    - {name: prev, sql: COUNT(*), window: 7d, offset: 7d, default: 0}
""",
    )
    assert not found.diagnostics
    assert [f.name for f in found.view.features] == ["orders_last_7d", "orders_last_2w", "last_status", "prev"]
    newest = found.view.features[2]
    assert newest.aggregates[0].function == "last" and newest.aggregates[0].arguments[0].name == "status"
    assert newest.description == "The newest."
    default = found.view.features[3].default
    assert default is not None and default.sql("duckdb") == "CAST(0 AS BIGINT)"


TYPES = [
    ("SUM(small)", "bigint"),
    ("SUM(amount)", "decimal(38,2)"),
    ("SUM(score)", "double"),
    ("SUM(amount) / NULLIF(COUNT(*), 0)", "double"),
    ("COUNT(*) + 1", "bigint"),
    ("AVG(amount)", "double"),
    ("MAX(amount)", "decimal(12,2)"),
    ("MAX(day)", "date"),
    ("MAX(ordered_at)", "timestamptz"),
    ("MAX(naive)", "timestamptz"),
    ("BOOL_OR(gift)", "boolean"),
    ("LAST_K(small, 3)", "integer[]"),
    ("LAST_K(small, 3)[1]", "integer"),
    ("MAX(amount) * 1.5", "decimal(14,3)"),
    ("CAST(SUM(amount) AS INTEGER)", "integer"),
    ("EXTRACT(hour FROM MAX(ordered_at))", "bigint"),
    ("DATE_DIFF('minute', MAX(ordered_at), AS_OF())", "bigint"),
    ("AS_OF() - INTERVAL 1 DAY > MAX(ordered_at)", "boolean"),
    ("CASE WHEN COUNT(*) > 3 THEN 'many' ELSE 'few' END", "varchar"),
    ("EXTRACT(hour FROM CAST(MAX(day) AS TIMESTAMPTZ))", "bigint"),
    ("BIT_COUNT(COUNT(*))", "integer"),
    ("COUNT(DISTINCT user_id)", "bigint"),
    ("SUM(amount) FILTER (WHERE status = 'x' AND NOT gift)", "decimal(38,2)"),
    ("SUM(CASE WHEN gift THEN amount ELSE 0 END)", "decimal(38,2)"),
    ("MAX(orders.amount)", "decimal(12,2)"),
    ("MAX(AMOUNT)", "decimal(12,2)"),
    ('MAX("amount")', "decimal(12,2)"),
    ("MEDIAN(amount)", "double"),
    ("MODE(status)", "varchar"),
    ("COUNT(*) -- how many\n", "bigint"),
]


@pytest.mark.parametrize(("sql", "type"), TYPES, ids=[sql for sql, _ in TYPES])
def test_types_are_those_of_duckdb(tmp_path: Path, sql: str, type: str) -> None:
    found = with_sql(tmp_path, sql)
    assert not found.diagnostics
    assert str(found.view.features[0].type) == type


def test_columns_are_named_as_they_are_declared(tmp_path: Path) -> None:
    source = SOURCE.replace("order_id: bigint", "OrderID: bigint, order: varchar")
    found = analysed(
        tmp_path,
        source,
        ENTITY,
        VIEW
        + "  where: orders.\"ORDER\" <> 'x'\n  features:\n"
        + "    - {name: a, sql: 'SUM(orderid + orders.Amount)', window: 1d}\n"
        + "    - {aggregate: {Order: [last]}, window: 1d}\n",
    )
    assert [error for error in found.errors if error[0] != "FPC0222"] == []
    view = found.view
    assert view.where is not None and view.where.sql("duckdb") == "\"order\" <> 'x'"
    assert view.features[0].aggregates[0].arguments[0].sql("duckdb") == "OrderID + amount"
    assert view.features[1].name == "order_last_1d"
    assert view.features[1].aggregates[0].arguments[0].sql("duckdb") == '"order"'


def test_derived_features_follow_their_inputs(tmp_path: Path) -> None:
    found = with_features(
        tmp_path,
        """\
    - {name: n, sql: COUNT(*), window: 7d}
  derived:
    - {name: c, sql: b * 2, default: 0}
    - {name: b, sql: "A / NULLIF(n, 0)"}
    - {name: a, sql: n + 1}
    - {name: since, sql: "DATE_DIFF('day', TIMESTAMPTZ '2024-01-01 00:00:00Z', AS_OF()) + n"}
""",
    )
    assert not found.diagnostics
    derived = found.view.derived
    assert [(f.name, str(f.type), f.inputs) for f in derived] == [
        ("a", "bigint", ("n",)),
        ("since", "bigint", ("n",)),
        ("b", "double", ("a", "n")),
        ("c", "double", ("b",)),
    ]
    assert derived[1].uses_as_of and not derived[0].uses_as_of
    assert [output.name for output in found.view.outputs] == ["n", "a", "since", "b", "c"]


DEFAULTS = [
    ("sql: COUNT(*)", "3", "CAST(3 AS BIGINT)", 3),
    ("sql: COUNT(*)", "-3", "CAST(-3 AS BIGINT)", -3),
    ("sql: COUNT(*)", "1e2", "CAST(100 AS BIGINT)", 100),
    ("sql: AVG(amount)", "1", "CAST(1.0 AS DOUBLE)", 1.0),
    ("sql: SUM(amount)", "0.10", "CAST('0.10' AS DECIMAL(38, 2))", "0.10"),
    ("latest: status", "none", "CAST('none' AS TEXT)", "none"),
    ("latest: status", "'1'", "CAST('1' AS TEXT)", "1"),
    ("latest: gift", "true", "TRUE", True),
    ("latest: day", "2024-02-29", "CAST('2024-02-29' AS DATE)", "2024-02-29"),
    ("latest: ordered_at", "2024-02-29", "CAST('2024-02-29' AS TIMESTAMPTZ)", "2024-02-29"),
    ("sql: 'LAST_K(small, 2)'", "[]", "CAST([] AS INT[])", ()),
    ("sql: 'LAST_K(small, 2)'", "[1, 2]", "CAST([CAST(1 AS INT), CAST(2 AS INT)] AS INT[])", (1, 2)),
]


@pytest.mark.parametrize(("what", "default", "sql", "value"), DEFAULTS)
def test_defaults_have_the_type_of_their_feature(
    tmp_path: Path, what: str, default: str, sql: str, value: object
) -> None:
    found = with_features(tmp_path, f"    - {{name: f, {what}, window: 1d, default: {default}}}\n")
    assert not found.diagnostics
    (feature,) = found.view.features
    assert feature.default is not None and feature.default.sql("duckdb") == sql
    assert feature.default_value == value


def _view(folder: Path, keys: str, config: str = CONFIG) -> Analysed:
    return analysed(
        folder,
        SOURCE,
        ENTITY,
        f"feature_view:\n  name: v\n  entity: user\n  source: orders\n{keys}"
        "  features:\n    - {name: n, sql: COUNT(*), window: 7d}\n",
        config=config,
    )


def test_a_view_takes_what_it_does_not_say_from_the_defaults(tmp_path: Path) -> None:
    config = CONFIG + "defaults: {owner: team, freshness: 2h, delay: 10m, online_ttl: 3d, closed: right}\n"
    view = _view(tmp_path, "", config).view
    assert (view.owner, view.grid, view.closed) == ("team", Grid(Duration.parse("2h"), None), Closed.RIGHT)
    assert (view.delay, view.online_ttl) == (Duration.parse("10m"), Duration.parse("3d"))
    view = _view(tmp_path, "  owner: me\n  freshness: 1d\n  delay: 0s\n  closed: both\n", config).view
    assert (view.owner, view.grid, view.closed) == ("me", Grid(Duration.parse("1d"), None), Closed.BOTH)
    assert view.delay == Duration(0)


def test_a_schedule_stands_in_place_of_the_freshness_grid(tmp_path: Path) -> None:
    config = CONFIG + "defaults: {freshness: 2h}\n"
    view = _view(tmp_path, '  schedule: "5 * * * *"\n', config).view
    assert (view.grid, view.freshness, view.tier) == (Grid(None, "5 * * * *"), None, Tier.BATCH)


def test_a_view_without_any_refresh_is_refused(tmp_path: Path) -> None:
    assert _view(tmp_path, "").errors == [("FPC0304", "v")]


def test_fresher_than_the_tier_allows_is_streaming_and_not_built(tmp_path: Path) -> None:
    found = _view(tmp_path, "  freshness: 4m\n")
    assert found.errors == [("FPC0801", "4m")]
    assert found.view.tier is Tier.STREAMING
    assert _view(tmp_path, "  freshness: 4m\n", CONFIG + "tiers: {streaming_below: 1m}\n").view.tier is Tier.BATCH


REQUEST = """\
feature_view:
  name: checkout
  entity: user
  freshness: request
  request: {cart: double, placed_at: timestamptz}
  features:
    - name: f
      sql: {sql}
"""


def _request(folder: Path, sql: str) -> Analysed:
    view = VIEW + "  features:\n    - {name: n, sql: COUNT(*), window: 7d}\n    - {name: bad, sql: x, window: 7d}\n"
    service = "feature_service:\n  name: s\n  features: [checkout.f, user_orders.n]\n"
    return analysed(folder, SOURCE, ENTITY, view, REQUEST.replace("{sql}", sql), service)


def test_a_request_time_view_is_checked_and_not_built(tmp_path: Path) -> None:
    found = _request(tmp_path, "REQUEST.cart / NULLIF(user_orders.N, 0)")
    assert found.errors == [("FPC0203", "x"), ("FPC0802", "request")]
    assert list(found.model.views) == ["user_orders"]
    assert [reference.view for reference in found.model.services["s"].features] == ["user_orders"]


@pytest.mark.parametrize(
    ("sql", "code", "underlined"),
    [
        ("REQUEST.crt * 2", "FPC0221", "REQUEST.crt"),
        ("user_orders.m + 1", "FPC0221", "user_orders.m"),
        ("user_order.n + 1", "FPC0221", "user_order.n"),
        ("cart + 1", "FPC0221", "cart"),
        ("COUNT(user_orders.n)", "FPC0213", "COUNT(user_orders.n)"),
        ("REQUEST.placed_at + REQUEST.cart", "FPC0214", "+"),
        ("REQUEST.placed_at < NOW()", "FPC0302", "NOW"),
        ("AS_OF() - REQUEST.placed_at", "FPC0217", "AS_OF() - REQUEST.placed_at"),
    ],
)
def test_a_request_time_feature_is_refused_at_its_place(tmp_path: Path, sql: str, code: str, underlined: str) -> None:
    errors = _request(tmp_path, sql).errors
    assert [error for error in errors if error not in (("FPC0203", "x"), ("FPC0802", "request"))] == [
        (code, underlined)
    ]


def test_what_reads_a_feature_with_an_error_is_not_at_fault(tmp_path: Path) -> None:
    assert _request(tmp_path, "user_orders.bad + 1").errors == [("FPC0203", "x"), ("FPC0802", "request")]


@pytest.mark.parametrize(
    ("keys", "warned"),
    [
        ("  freshness: 1h\n  online_ttl: 90m\n", False),
        ("  freshness: 1h\n  online_ttl: 90m\n  delay: 45m\n", True),
        ('  schedule: "0 9 * * 1-5"\n  online_ttl: 2d\n', True),
        ('  schedule: "0 9 * * 1-5"\n  online_ttl: 73h\n', False),
    ],
)
def test_values_that_expire_too_soon_are_warned_of(tmp_path: Path, keys: str, warned: bool) -> None:
    assert [code for code, _ in _view(tmp_path, keys).warnings] == (["FPC0311"] if warned else [])


def test_a_window_shorter_than_the_refresh_is_warned_of(tmp_path: Path) -> None:
    assert _view(tmp_path, "  freshness: 8d\n").warnings == [("FPC0312", "7d")]


def test_keys_may_have_other_names_in_the_source(tmp_path: Path) -> None:
    source = SOURCE.replace("user_id: bigint", "buyer: integer, seller: bigint")
    view = VIEW + "  keys: {user_id: Buyer}\n  features:\n    - {name: n, sql: COUNT(*), window: 7d}\n"
    found = analysed(tmp_path, source, ENTITY, view)
    assert not found.diagnostics
    assert found.view.key_columns == (("user_id", "buyer"),)


SERVICE = "feature_service:\n  name: s\n"


def _service(folder: Path, keys: str, view: str = "") -> Analysed:
    return analysed(
        folder,
        SOURCE,
        ENTITY,
        VIEW + view + "  features:\n    - {aggregate: {amount: [sum, max], score: [sum]}, windows: [1d, 7d]}\n",
        VIEW.replace("user_orders", "other") + "  features:\n    - {name: amount_sum_1d, sql: COUNT(*), window: 1d}\n",
        SERVICE + keys,
    )


def test_services_expand_patterns_in_the_views_order(tmp_path: Path) -> None:
    found = _service(
        tmp_path, "  features: [user_orders.score_*, user_orders.amount_sum_1d, 'user_orders.a*_7d', other.*]\n"
    )
    assert not found.diagnostics
    service = found.model.services["s"]
    assert [column for _, column in service.columns()] == [
        "score_sum_1d",
        "score_sum_7d",
        "user_orders__amount_sum_1d",
        "amount_sum_7d",
        "amount_max_7d",
        "other__amount_sum_1d",
    ]
    assert service.on_missing is OnMissing.DEFAULT


SERVICES = [
    ("  features: [user_order.x]\n", "FPC0701", "user_order"),
    ("  features: [user_orders.amount_smu_1d]\n", "FPC0701", "amount_smu_1d"),
    ("  features: [user_orders]\n", "FPC0701", "user_orders"),
    ("  features: ['*.*']\n", "FPC0701", "'*.*'"),
    ("  features: ['user_orders.x_*']\n", "FPC0702", "'user_orders.x_*'"),
    ("  features: [other.*]\n  max_staleness: 30m\n", "FPC0703", "30m"),
    ("  features: []\n", "FPC0111", "s"),
    ("  features: [other.*]\n  on_missing: crash\n", "FPC0114", "crash"),
]


@pytest.mark.parametrize(("keys", "code", "underlined"), SERVICES)
def test_a_service_is_refused_at_its_place(tmp_path: Path, keys: str, code: str, underlined: str) -> None:
    assert _service(tmp_path, keys).errors == [(code, underlined)]


def test_a_service_is_warned_of_doubles_and_of_what_goes(tmp_path: Path) -> None:
    found = _service(
        tmp_path,
        "  features: [user_orders.amount_sum_1d, user_orders.amount_sum_1d]\n",
        "  deprecated: {since: 2026-01-01, use: other}\n",
    )
    assert sorted(found.warnings) == [
        ("FPC0704", "user_orders.amount_sum_1d"),
        ("FPC0705", "user_orders.amount_sum_1d"),
    ]
    assert len(found.model.services["s"].features) == 1


TRAINING = "training_set:\n  name: t\n  service: s\n  spine: {spine}\n"
SPINES = [
    ("{path: data/labels.parquet, time: at, label: [y]}", None, ""),
    ("{table: raw.labels, time: at}", None, ""),
    ('{sql: "SELECT user_id, at, y FROM raw.labels WHERE y IS NOT NULL", time: at, label: y}', None, ""),
    ("{sql: \"SELECT * FROM read_csv('x')\", time: at}", "FPC0503", "read_csv('x')"),
    ("{sql: \"SELECT * FROM 'x.csv'\", time: at}", "FPC0503", "'x.csv'"),
    ('{sql: "SELECT NOW() AS at", time: at}', "FPC0302", "NOW()"),
    ('{sql: "SELECT 1; SELECT 2", time: at}', "FPC0211", ";"),
    ('{sql: "DELETE FROM x", time: at}', "FPC0210", "DELETE FROM x"),
    ('{sql: "SELEC 1 FROM", time: at}', "FPC0204", "1"),
    ("{path: /etc/labels.csv, time: at}", "FPC0504", "/etc/labels.csv"),
    ("{path: ../labels.csv, time: at}", "FPC0504", "../labels.csv"),
    ("{path: labels.xls, time: at}", "FPC0114", "labels.xls"),
    ("{table: 'a b', time: at}", "FPC0114", "'a b'"),
    ("{path: x.csv, table: y, time: at}", "FPC0115", "{path: x.csv, table: y, time: at}"),
    ("{path: x.csv}", "FPC0111", "path"),
    ("{path: x.csv, time: at, label: at}", "FPC0114", "at"),
]


@pytest.mark.parametrize(("spine", "code", "underlined"), SPINES, ids=[spine for spine, _, _ in SPINES])
def test_spines_of_training_sets(tmp_path: Path, spine: str, code: str | None, underlined: str) -> None:
    found = _service(tmp_path, "  features: [other.*]\n---\n" + TRAINING.replace("{spine}", spine))
    if code is None:
        assert not found.diagnostics
        assert found.model.training_sets["t"].mode is Mode.AS_SERVED
        assert found.model.training_sets["t"].service.name == "s"
    else:
        assert found.errors == [(code, underlined)]


def test_a_training_set_of_no_service_is_refused(tmp_path: Path) -> None:
    training = "training_set: {name: t, service: churn, spine: {path: x.csv, time: at}}\n"
    assert analysed(tmp_path, training).errors == [("FPC0202", "churn")]
