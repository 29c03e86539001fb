"""What each edit of a repository is taken to mean."""

from __future__ import annotations

import pytest
from tests.unit.change.states import BASE, SERVICE, TRAINING_SET, VIEW, edited, plan, told
from tests.unit.model.repositories import ENTITY, SOURCE

from fpc.change.nodes import Bump, Kind

V = "feature view user_orders"
F = "feature user_orders"

KEPT = [
    ("name: orders_7d, sql: COUNT(*)", "name: orders_7d, sql: count( * )"),
    ("window: 7d", "window: 168h"),
    ("  freshness: 1h\n", "  freshness: 60m\n  closed: left\n"),
    ("  version: 1\n", ""),
    ("  entity: user\n  source: orders\n", "  source: orders\n  # read by growth\n  entity: user\n"),
    ("path: data/orders.parquet\n", "path: data/orders.parquet\n  timezone: UTC\n"),
    ("spent_7d / NULLIF(orders_7d, 0)", "(Spent_7d)/nullif(ORDERS_7D,0) -- per order"),
    (
        "    - {name: spent_7d, sql: SUM(amount), window: 7d}\n"
        "    - {name: spent_30d, sql: SUM(amount), window: 30d}\n",
        "    - aggregate: {amount: [sum]}\n      windows: [7d, 30d]\n",
    ),
]


@pytest.mark.parametrize(("old", "new"), KEPT[:-1])
def test_spelling_is_no_change(old: str, new: str) -> None:
    assert edited(old, new).is_empty


def test_where_documents_stand_is_no_change() -> None:
    assert plan(BASE, ("---\n".join(reversed(BASE)),)).is_empty


def test_the_order_of_features_is_no_change() -> None:
    lines = VIEW.splitlines(keepends=True)
    features = lines[8:12]
    turned = "".join([*lines[:8], *reversed(features), *lines[12:]])
    assert plan(BASE, (SOURCE, ENTITY, turned, SERVICE, TRAINING_SET)).is_empty


def test_a_matrix_is_its_features_under_other_names() -> None:
    found = edited(*KEPT[-1], more=(("spent_7d /", "amount_sum_7d /"),))
    assert told(found) == {
        V: [],
        f"{F}.amount_sum_30d": ["renamed"],
        f"{F}.amount_sum_7d": ["renamed"],
    }


VALUE, AVAILABILITY, METADATA = ["value-changing"], ["availability-changing"], ["metadata only"]
CHANGED = [
    ("sql: COUNT(*)", "sql: COUNT(amount)", {V: [], f"{F}.orders_7d": VALUE, f"{F}.mean_7d": VALUE}),
    ("SUM(amount), window: 30d", "SUM(amount), window: 31d", {V: [], f"{F}.spent_30d": VALUE}),
    ("SUM(amount), window: 30d", "SUM(amount), window: 30d, offset: 1d", {V: [], f"{F}.spent_30d": VALUE}),
    ("SUM(amount), window: 30d", "SUM(amount), window: 30d, default: 0", {V: [], f"{F}.spent_30d": VALUE}),
    ("SUM(amount), window: 30d", "AVG(amount), window: 30d", {V: [], f"{F}.spent_30d": ["type-changing", *VALUE]}),
    ("    - {name: spent_30d, sql: SUM(amount), window: 30d}\n", "", {V: [], f"{F}.spent_30d": ["removed"]}),
    ("spent_30d", "spent_month", {V: [], f"{F}.spent_month": ["renamed"]}),
    ("  derived:", "    - {name: more, sql: MAX(amount), window: 1d}\n  derived:", {V: [], f"{F}.more": ["added"]}),
    ("description: Orders.", "description: All orders.", {V: [], f"{F}.orders_7d": METADATA}),
    ("owner: team:orders", "owner: team:shop", {V: METADATA}),
    ("freshness: 1h", "freshness: 2h", {V: AVAILABILITY}),
    ("freshness: 1h\n", "freshness: 1h\n  delay: 5m\n", {V: AVAILABILITY}),
    ("freshness: 1h\n", "freshness: 1h\n  online_ttl: 3d\n", {V: AVAILABILITY}),
    ("freshness: 1h\n", "freshness: 1h\n  tests: [{not_null: [orders_7d]}]\n", {V: AVAILABILITY}),
    ("known_time: loaded_at\n", "known_time: loaded_at\n  max_lateness: 2h\n", {"source orders": AVAILABILITY}),
    ("model: churn-classifier", "model: churn-two", {"feature service churn": METADATA}),
    ("model: churn-classifier", "model: churn-classifier\n  on_missing: error", {"feature service churn": VALUE}),
    ("[user_orders.orders_7d, ", "[", {"feature service churn": ["type-changing"]}),
    ("label: [churned]}", "label: [churned]}\n  mode: exact", {"training set churn_training": VALUE}),
    ("name: churn_training", "name: churn_labels", {"training set churn_labels": ["renamed"]}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CHANGED)
def test_each_edit_is_what_it_does(old: str, new: str, expected: dict[str, list[str]]) -> None:
    assert told(edited(old, new)) == expected


ROWS = [
    ("freshness: 1h\n", "freshness: 1h\n  where: gift\n", "where"),
    ("freshness: 1h\n", "freshness: 1h\n  closed: right\n", "closed"),
    ("freshness: 1h\n", "freshness: 1h\n  keys: {user_id: order_id}\n", "keys"),
    ("data/orders.parquet", "data/others.parquet", "source"),
    ("event_time: ordered_at", "event_time: loaded_at", "source"),
    ("  known_time: loaded_at\n", "", "source"),
    ("  columns: {order_id", "  unique_key: order_id\n  columns: {order_id", "source"),
]


@pytest.mark.parametrize(("old", "new", "why"), ROWS)
def test_what_decides_which_events_count_changes_every_feature(old: str, new: str, why: str) -> None:
    found = edited(old, new)
    (view,) = [change for change in found.changes if change.kind is Kind.VIEW]
    assert [difference.property for difference in view.differences] == [why]
    names = {part.name.partition(".")[2] for part in view.parts if "value-changing" in [k.value for k in part.classes]}
    assert names == {"orders_7d", "spent_7d", "spent_30d", "last_status", "mean_7d"}


def test_an_entity_with_another_key_type_is_another_row() -> None:
    after = (SOURCE, ENTITY.replace("bigint", "integer"), VIEW, SERVICE, TRAINING_SET)
    found = told(plan(BASE, after))
    assert found["entity user"] == ["type-changing"] and found[V] == ["type-changing"]


def test_a_renamed_view_is_no_new_one() -> None:
    found = edited("name: user_orders", "name: orders_of_user", more=(("user_orders.", "orders_of_user."),))
    assert told(found) == {"feature view orders_of_user": ["renamed"]}
    assert found.changes[0].was == "user_orders"


def test_a_view_renamed_and_changed_in_one_go_is_found_by_its_features() -> None:
    also = (("user_orders.", "orders_of_user."), ("COUNT(*)", "COUNT(amount)"))
    found = edited("name: user_orders", "name: orders_of_user", more=also)
    assert told(found)["feature view orders_of_user"] == ["renamed"]
    assert told(found)["feature orders_of_user.orders_7d"] == ["value-changing"]


def test_renaming_a_source_entity_or_service_is_told_as_that() -> None:
    found = edited("name: orders\n", "name: shop\n", more=(("source: orders", "source: shop"),))
    assert told(found) == {"source shop": ["renamed"]}
    found = edited("name: user\n", "name: person\n", more=(("entity: user\n", "entity: person\n"),))
    assert told(found) == {"entity person": ["renamed"], V: ["metadata only"]}
    found = edited("name: churn\n", "name: leaving\n", more=(("service: churn", "service: leaving"),))
    assert told(found) == {"feature service leaving": ["renamed"]}


def test_two_features_of_one_meaning_that_go_and_come_are_no_guess() -> None:
    twice = "    - {name: a, sql: SUM(amount), window: 9d}\n    - {name: b, sql: SUM(amount), window: 9d}\n"
    before = VIEW.replace("  derived:", f"{twice}  derived:")
    after = VIEW.replace("  derived:", twice.replace("name: a", "name: c").replace("name: b", "name: d") + "  derived:")
    found = told(plan((SOURCE, ENTITY, before), (SOURCE, ENTITY, after)))
    assert found == {V: [], f"{F}.a": ["removed"], f"{F}.b": ["removed"], f"{F}.c": ["added"], f"{F}.d": ["added"]}


def test_the_change_of_sql_is_told_in_one_style() -> None:
    found = edited("sql: COUNT(*)", "sql: \"count( *) filter(where  STATUS='x')\"")
    (change,) = [part for part in found.changes[0].parts if part.name.endswith(".orders_7d")]
    assert change.sql == ("-count(*)", "+count(*) filter (where status = 'x')")


def test_whoever_reads_a_changed_feature_is_named() -> None:
    below = (
        "source:\n  name: again\n  table: main.user_orders\n  event_time: as_of\n"
        "  columns: {user_id: bigint, as_of: timestamptz, orders_7d: bigint}\n"
    )
    second = (
        "feature_view:\n  name: second\n  owner: team:third\n  entity: user\n  source: again\n  freshness: 1h\n"
        "  features:\n    - {name: most, sql: MAX(orders_7d), window: 7d}\n"
    )
    base = (*BASE, below, second)
    found = plan(base, tuple(text.replace("sql: COUNT(*)", "sql: COUNT(amount)") for text in base))
    (impact,) = found.impacts
    assert [(r.service, r.owner, r.model, r.features) for r in impact.readers] == [
        ("churn", "team:growth", "churn-classifier", ("mean_7d", "orders_7d"))
    ]
    assert impact.training_sets == ("churn_training",)
    assert impact.downstream == ("second",)
    assert impact.owners == ("team:growth", "team:orders", "team:third")
    assert impact.bump is Bump.DUE and impact.refilled and impact.recomputed


def test_who_reads_other_features_only_is_left_in_peace() -> None:
    (impact,) = edited("SUM(amount), window: 30d", "SUM(amount), window: 31d").impacts
    assert impact.readers == () and impact.bump is Bump.DUE
