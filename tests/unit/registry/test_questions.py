"""Cards, readers, owners and what nobody reads, on the repository of examples."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.model.repositories import CONFIG, ENTITY, SOURCE, analysed

from fpc.cli.deprecations import deprecated_features
from fpc.contract.lineage import column, feature
from fpc.contract.registry import DeprecationContract, MemberContract, Registry
from fpc.contract.registry_json import read_view, view_text
from fpc.contract.registry_lineage import registry_lineage
from fpc.emit.registry import registry
from fpc.registry.card import card, named, nodes_of
from fpc.registry.owners import holdings
from fpc.registry.readers import readers, unused
from fpc.registry.things import Kind, things

_VIEWS = """\
feature_view:
  name: user_orders
  description: What a user orders.
  owner: team:growth
  entity: user
  source: orders
  freshness: 1h
  where: NOT gift
  features:
    - {name: orders_7d, sql: COUNT(*), window: 7d}
    - {name: spent_7d, sql: SUM(amount), window: 7d, default: 0}
    - {name: spent_before_7d, sql: SUM(amount), window: 7d, offset: 7d}
    - {name: statuses, sql: COUNT(DISTINCT status), window: 7d}
  derived:
    - {name: spent_per_order, sql: spent_7d / orders_7d}
  deprecated: {since: 2026-01-01, remove_after: 2026-06-01, use: user_orders_v2, reason: counts tests}
"""
_SERVICE = "feature_service:\n  name: churn\n  model: churn_model\n  features: [user_orders.spent_per_order]\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    repository = analysed(tmp_path_factory.mktemp("shop"), SOURCE, ENTITY, _VIEWS, _SERVICE, config=CONFIG)
    assert repository.errors == []
    return registry(repository.model)


def test_what_leads_to_a_service_is_used_through_other_features_too(shop: Registry) -> None:
    found = unused(shop)
    assert [str(node) for node in found.features] == ["user_orders.spent_before_7d", "user_orders.statuses"]


def test_columns_that_no_feature_reads_are_unused(shop: Registry) -> None:
    names = {str(node) for node in unused(shop).columns}
    assert {"orders.score", "orders.day"} <= names
    # By key, filter, time and value.
    assert not names & {"orders.user_id", "orders.gift", "orders.ordered_at", "orders.loaded_at", "orders.amount"}


def test_a_column_by_which_files_are_left_out_is_used(shop: Registry) -> None:
    partitioned = replace(shop.sources["orders"], partition="day")
    found = unused(replace(shop, sources={"orders": partitioned}))
    assert column("orders", "day") not in found.columns


def test_readers_are_found_through_features(shop: Registry) -> None:
    found = readers(registry_lineage(shop), feature("user_orders", "orders_7d"))
    assert found.features == ("user_orders.spent_per_order",)
    assert (found.services, found.models) == (("churn",), ("churn_model",))


def test_the_card_of_a_feature_says_what_the_issue_of_a_registry_is(shop: Registry) -> None:
    (thing,) = named(shop, "user_orders.spent_before_7d")
    found = card(shop, registry_lineage(shop), thing)
    assert found["owner"] == "team:growth"
    assert found["window"] == "7d, 7d earlier"
    assert found["where"] == "NOT gift"
    assert found["tier"] == "batch"
    assert found["freshness"] == "1h"
    assert found["deprecated"] == "since 2026-01-01, to be gone after 2026-06-01: counts tests; use user_orders_v2"
    assert "orders.amount" in found["reads columns"]
    assert "services" not in found


def test_a_feature_can_be_on_its_way_out_alone(shop: Registry) -> None:
    view = shop.views["user_orders"]
    end = DeprecationContract("2026-01-01", None, "orders_7d", "")
    features = tuple(replace(each, deprecation=end) if each.name == "statuses" else each for each in view.features)
    stays = replace(shop, views={"user_orders": replace(view, deprecation=None, features=features)})
    told = {
        name: card(stays, registry_lineage(stays), named(stays, f"user_orders.{name}")[0]).get("deprecated")
        for name in ("statuses", "spent_7d")
    }
    assert told == {"statuses": "since 2026-01-01; use orders_7d", "spent_7d": None}
    assert [thing.path for thing in things(stays) if thing.is_deprecated] == ["user_orders.statuses"]
    members = [MemberContract("user_orders", each.name, each.name) for each in view.features]
    assert deprecated_features(stays, members) == {"user_orders.statuses": end}
    assert deprecated_features(stays, members[:2]) == {}
    assert load_again(stays).views["user_orders"].features[3].deprecation == end


def test_what_was_written_before_a_field_was_there_is_read_as_without_it(shop: Registry) -> None:
    text = view_text(shop.views["user_orders"])
    old = text.replace(', "deprecation": null', "").replace('"deprecation": null, ', "")
    assert old != text
    assert read_view(old).features == shop.views["user_orders"].features


def load_again(registry: Registry) -> Registry:
    views = {name: read_view(view_text(view)) for name, view in registry.views.items()}
    return replace(registry, views=views)


def test_a_feature_is_found_by_its_own_name_alone(shop: Registry) -> None:
    assert [thing.path for thing in named(shop, "orders_7d")] == ["user_orders.orders_7d"]
    assert [thing.kind for thing in named(shop, "churn")] == [Kind.SERVICE]
    assert named(shop, "nothing") == ()


def test_a_view_stands_for_its_features_and_a_source_for_its_columns(shop: Registry) -> None:
    (view,), (source,), (entity,) = (named(shop, name) for name in ("user_orders", "orders", "user"))
    assert len(nodes_of(shop, view)) == len(nodes_of(shop, entity)) == 5
    assert column("orders", "gift") in nodes_of(shop, source)


def test_owners_hold_what_is_theirs_and_nobody_comes_last(shop: Registry) -> None:
    first, last = holdings(shop)
    assert (first.owner, first.count(Kind.VIEW), first.count(Kind.FEATURE)) == ("team:growth", 1, 5)
    assert (last.owner, last.count(Kind.SERVICE), last.count(Kind.SOURCE)) == ("", 1, 1)
