from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import yaml
from tests.unit.emit.models import DEV, SPAN, deprecated, marketplace, orders, sql, user_orders

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.layout import dbt_project
from fpc.emit.dbt.names import groups
from fpc.emit.dbt.unit_tests import unit_tests
from fpc.emit.dbt.views import view
from fpc.model.nodes import (
    Closed,
    DbtModelLocation,
    Example,
    FeatureView,
    Grid,
    Literal,
    Source,
    TableLocation,
)
from fpc.model.view_test_nodes import (
    NotNullTest,
    Severity,
)
from fpc.types.duration import Duration

NOON = "2024-03-07T12:00:00Z"
MIDNIGHT = 1_709_856_000_000_000


def files(built: Iterable[Artefact]) -> dict[str, str]:
    return {artefact.path.rsplit("/", 1)[-1]: artefact.text for artefact in built}


def properties(built_view: FeatureView) -> Any:
    return yaml.safe_load(files(view(built_view, {}))["user_orders.yml"])


def order(**values: Literal) -> dict[str, Literal]:
    return {"order_id": 1, "user_id": 7, "ordered_at": NOON, "loaded_at": NOON, "status": "placed", **values}


ONE: tuple[dict[str, Literal], ...] = ({"user_id": 7, "orders_last_7d": 1},)


def example(*given: dict[str, Literal], expect: tuple[dict[str, Literal], ...] = ONE) -> Example:
    return Example("an example", MIDNIGHT, given, expect, SPAN)


def left_out(*examples: Example, **changes: Any) -> tuple[str, ...]:
    return unit_tests(replace(user_orders(), examples=examples, **changes)).left_out


def test_a_view_has_a_header_a_contract_a_group_and_a_version() -> None:
    owners = groups(["team:growth-ml"])
    found = files(view(user_orders(), owners))
    assert found["user_orders.sql"].startswith("-- Purpose: user_orders: How often and how much a user orders.\n")
    assert "-- Fingerprint: fingerprint_of_user_orders\n" in found["user_orders.sql"]
    (model, empty) = yaml.safe_load(found["user_orders.yml"])["models"]
    assert model["config"]["contract"] == {"enforced": True}
    assert model["config"]["group"] == "team_growth_ml"
    assert model["versions"] == [{"v": 1, "defined_in": "user_orders", "config": {"alias": "user_orders"}}]
    assert [column["name"] for column in model["columns"]][:2] == ["user_id", "orders_last_7d"]
    assert empty["name"] == "user_orders__empty"
    amount = next(column for column in model["columns"] if column["name"] == "amount_sum_7d")
    assert amount["config"]["meta"]["reads"] == ["orders.amount"]


def test_a_deprecated_view_has_its_date_and_says_what_to_use() -> None:
    model = properties(deprecated(user_orders()))["models"][0]
    assert model["versions"][0]["deprecation_date"] == "2027-02-01"
    assert "Use user_orders_v2." in model["description"]


def test_two_tests_of_one_kind_have_two_names() -> None:
    twice = (NotNullTest(("orders_last_7d",), Severity.ERROR), NotNullTest(("orders_last_7d",), Severity.WARN))
    columns = properties(replace(user_orders(), tests=twice))["models"][0]["columns"]
    tests = [test["not_null"] for test in columns[1]["data_tests"]]
    assert [test["name"] for test in tests] == [
        "user_orders__not_null_orders_last_7d",
        "user_orders__not_null_orders_last_7d_2",
    ]
    assert [test["config"]["severity"] for test in tests] == ["error", "warn"]


def test_an_example_becomes_a_unit_test_at_its_own_instant() -> None:
    (test,) = properties(user_orders())["unit_tests"]
    assert test["overrides"] == {"macros": {"fpc_as_of": "TIMESTAMPTZ '2024-03-08 00:00:00+00:00'"}}
    assert test["given"][0]["rows"][0]["event_at"] == "2024-03-07 12:00:00+00:00"
    assert test["expect"]["rows"] == [{"user_id": 7, "orders_last_7d": 1, "amount_sum_7d": 10}]


def test_a_cron_view_overrides_the_macro_that_it_calls() -> None:
    (test,) = properties(replace(user_orders(), grid=Grid(None, "5 * * * *")))["unit_tests"]
    assert list(test["overrides"]["macros"]) == ["fpc_as_of_cron"]


def test_what_dbt_cannot_express_is_left_to_fpc_test_and_said() -> None:
    assert "no event in any window" in left_out(example())[0]
    assert "no event in any window" in left_out(example(order(ordered_at="2023-01-01T00:00:00Z", loaded_at=NOON)))[0]
    assert "no event in any window" in left_out(example(order(status="cancelled")))[0]
    assert "what every entity" in left_out(example(order(), order(order_id=2, user_id=8)))[0]
    uneven: tuple[dict[str, Literal], ...] = (
        {"user_id": 7, "orders_last_7d": 1},
        {"user_id": 8, "last_status": "placed"},
    )
    assert "different columns" in left_out(example(order(), order(order_id=2, user_id=8), expect=uneven))[0]
    assert "takes an engine" in left_out(example(order()), where=sql("LOWER(status) <> 'x'"))[0]
    inexact: tuple[dict[str, Literal], ...] = ({"user_id": 7, "order_trend": 0.3333333333},)
    assert "tolerance" in left_out(example(order(), expect=inexact))[0]
    assert left_out(example(order())) == ()


def test_edges_decide_whether_an_entity_has_a_row() -> None:
    at_the_instant = order(ordered_at="2024-03-08T00:00:00Z", loaded_at="2024-03-08T00:00:00Z")
    assert "no event in any window" in left_out(example(at_the_instant))[0]
    assert left_out(example(at_the_instant), closed=Closed.RIGHT) == ()


def test_examples_of_one_name_get_names_of_their_own() -> None:
    tests: Any = unit_tests(replace(user_orders(), examples=(example(order()), example(order())))).tests
    assert [test["name"] for test in tests] == ["user_orders__an_example", "user_orders__an_example_2"]


def test_sources_are_files_tables_or_the_users_own_models() -> None:
    built = files(dbt_project(marketplace(), DEV))
    assert "read_parquet('{{ env_var('FPC_REPO', '..') }}/data/orders.parquet')" in built["src_orders.yml"]
    table = replace(orders(), location=TableLocation("raw", "orders_v1"))
    built = files(dbt_project(marketplace(user_orders(table)), DEV))
    source = yaml.safe_load(built["src_orders.yml"])["sources"][0]
    assert (source["name"], source["schema"], source["tables"][0]["identifier"]) == ("raw", "raw", "orders_v1")
    assert "{{ source('raw', 'orders') }}" in built["stg_orders.sql"]
    own = replace(orders(), location=DbtModelLocation("stg_orders"))
    built = files(dbt_project(marketplace(user_orders(own)), DEV))
    assert "src_orders.yml" not in built
    assert "from {{ ref('stg_orders') }}" in built["stg_orders__events.sql"]
    assert "from {{ ref('stg_orders__events') }}" in built["user_orders.sql"]


@pytest.mark.parametrize(
    ("of", "materialized", "shared"),
    [
        (orders(), "table", None),
        (orders(unique_key=()), "view", None),
        (orders(unique_key=(), immutable=("ordered_at",)), "view", None),
        (orders(immutable=("status",)), "table", None),
        (orders(immutable=("ordered_at",)), "view", "event_at"),
    ],
)
def test_what_versions_share_lets_a_refresh_read_through_a_view(
    of: Source, materialized: str, shared: str | None
) -> None:
    built = files(dbt_project(marketplace(user_orders(of)), DEV))
    assert f'materialized: "{materialized}"' in built["stg_orders.yml"]
    assert (f"partition by order_id, {shared}\n" in built["stg_orders.sql"]) == (shared is not None)
    assert ("changed_orders.sql" in built) == (shared is not None)
    if shared is not None:
        assert "-- depends_on: {{ ref('stg_orders') }}" in built["changed_orders.sql"]
        assert f"having min({shared}) <> max({shared})" in built["changed_orders.sql"]


def test_two_compilations_give_the_same_bytes() -> None:
    assert list(dbt_project(marketplace(), DEV)) == list(dbt_project(marketplace(), DEV))


def test_the_grid_is_printed_in_seconds() -> None:
    built = files(view(replace(user_orders(), grid=Grid(Duration.parse("15m"), None)), {}))
    assert "{% set as_of = fpc_as_of(every_seconds=900) %}" in built["user_orders.sql"]
