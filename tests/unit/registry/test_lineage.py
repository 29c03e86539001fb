"""Lineage by column, up and down, on a small repository whose every edge is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.model.repositories import ENTITY, SOURCE, analysed

from fpc.contract.lineage import Edge, Lineage, Node, Role, What, column, feature
from fpc.contract.registry_lineage import registry_lineage
from fpc.emit.registry import registry
from fpc.model.lineage import copied_view

_VIEW = """\
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  where: NOT GIFT
  features:
    - {name: spent_7d, sql: "SUM(Amount) FILTER (WHERE status = 'paid')", window: 7d}
    - {name: orders_7d, sql: COUNT(*), window: 7d}
    - {name: latest_status, latest: status, window: 30d}
  derived:
    - {name: spent_per_order, sql: spent_7d / orders_7d}
    - {name: is_spender, sql: spent_per_order > 100}
"""
_SERVICE = """\
feature_service:
  name: churn
  model: churn_model
  features: [user_orders.is_spender, user_orders.latest_status]
"""
_TRAINING = """\
training_set:
  name: churn_training
  service: churn
  spine: {path: data/labels.parquet, time: at, label: churned}
"""
#: A source that reads the table of the view.
_COPY = """\
source:
  name: user_rows
  dbt_model: user_orders
  event_time: as_of
  columns: {user_id: bigint, orders_7d: bigint, as_of: timestamptz}
---
feature_view:
  name: user_rows_again
  entity: user
  source: user_rows
  freshness: 1h
  features:
    - {name: most_orders, sql: MAX(orders_7d), window: 30d}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Lineage:
    repository = analysed(tmp_path, SOURCE, ENTITY, _VIEW, _SERVICE, _TRAINING, _COPY)
    assert repository.errors == []
    return registry_lineage(registry(repository.model))


def _said(edges: tuple[Edge, ...]) -> set[tuple[str, str, str]]:
    return {(str(edge.upper), edge.role.value, str(edge.lower)) for edge in edges}


def test_each_column_stands_above_a_feature_in_its_role(shop: Lineage) -> None:
    assert _said(shop.above(feature("user_orders", "spent_7d"))) == {
        ("orders.amount", "value", "user_orders.spent_7d"),
        ("orders.status", "filter", "user_orders.spent_7d"),
        ("orders.gift", "where", "user_orders.spent_7d"),
        ("orders.user_id", "key", "user_orders.spent_7d"),
        ("orders.ordered_at", "event_time", "user_orders.spent_7d"),
        ("orders.loaded_at", "known_time", "user_orders.spent_7d"),
    }


def test_a_filter_is_above_its_own_feature_alone(shop: Lineage) -> None:
    below = _said(shop.below(column("orders", "status")))
    assert below == {
        ("orders.status", "filter", "user_orders.spent_7d"),
        ("orders.status", "value", "user_orders.latest_status"),
    }


def test_a_column_leads_down_to_the_model_that_learns_from_it(shop: Lineage) -> None:
    down = _said(shop.downstream(column("orders", "amount")))
    assert down == {
        ("orders.amount", "value", "user_orders.spent_7d"),
        ("user_orders.spent_7d", "input", "user_orders.spent_per_order"),
        ("user_orders.spent_per_order", "input", "user_orders.is_spender"),
        ("user_orders.is_spender", "member", "churn"),
        ("churn", "exposure", "churn_model"),
        ("churn", "labelled", "churn_training"),
    }


def test_what_leads_down_leads_up_again(shop: Lineage) -> None:
    for node in shop.nodes:
        for edge in shop.downstream(node):
            assert edge in shop.upstream(edge.lower)
            assert any(above.upper == node for above in shop.upstream(edge.lower))


def test_upstream_of_a_model_holds_no_column_that_it_does_not_read(shop: Lineage) -> None:
    tops = {str(edge.upper) for edge in shop.upstream(Node(What.MODEL, "", "churn_model"))}
    assert "orders.amount" in tops
    assert "orders.score" not in tops


def test_the_table_of_a_view_read_as_a_source_is_joined_to_the_view(shop: Lineage) -> None:
    most = feature("user_rows_again", "most_orders")
    assert shop.above(column("user_rows", "orders_7d")) == (
        Edge(feature("user_orders", "orders_7d"), column("user_rows", "orders_7d"), Role.COPY),
    )
    assert "orders.user_id" in {str(edge.upper) for edge in shop.upstream(most)}


def test_a_view_is_found_by_its_table_in_any_case(tmp_path: Path) -> None:
    copy = _COPY.replace("dbt_model: user_orders", "table: MAIN.User_Orders")
    model = analysed(tmp_path, SOURCE, ENTITY, _VIEW, copy).model
    copied = copied_view(model.sources["user_rows"], model)
    assert copied is not None and copied.name == "user_orders"


def test_each_edge_comes_once_and_the_nearest_first(shop: Lineage) -> None:
    edges = shop.upstream(feature("user_orders", "is_spender"))
    assert len(edges) == len(set(edges))
    assert str(edges[0].upper) == "user_orders.spent_per_order"


def test_a_column_that_nobody_reads_is_there_without_edges(shop: Lineage) -> None:
    score = column("orders", "score")
    assert score in shop.nodes
    assert shop.downstream(score) == shop.upstream(score) == ()


def test_a_circle_of_views_ends(tmp_path: Path) -> None:
    """Two sources that read each other's views: dbt refuses to build it, lineage still ends."""
    view = "feature_view:\n  name: {0}\n  entity: user\n  source: of_{1}\n  freshness: 1h\n  features:\n"
    view += "    - {{name: n, sql: MAX(n), window: 1d}}\n"
    source = "source:\n  name: of_{0}\n  dbt_model: {0}\n  event_time: as_of\n"
    source += "  columns: {{user_id: bigint, n: bigint, as_of: timestamptz}}\n"
    documents = [text.format(*names) for text in (view, source) for names in (("a", "b"), ("b", "a"))]
    found = registry_lineage(registry(analysed(tmp_path, ENTITY, *documents).model))
    edges = found.upstream(feature("a", "n"))
    assert len(edges) == len(set(edges)) == 8
