"""Views of a family share their SQL, and no others do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlglot import exp
from tests.unit.emit.models import sql, user_orders

from fpc.emit.dbt import view_sql as texts
from fpc.emit.dbt.view_shape import shape
from fpc.emit.dbt.view_sql import view_sql
from fpc.model.nodes import FeatureView


def lowerings() -> int:
    return texts._lowered.cache_info().misses


def test_a_family_is_lowered_once_and_each_reads_its_own_source() -> None:
    first = user_orders()
    found = view_sql(first)
    before = lowerings()
    source = replace(first.source, name="returns", description="Other.", fingerprint="0")
    second = view_sql(replace(first, name="user_returns", description="Other.", owner="team:b", source=source))
    assert lowerings() == before
    assert "ref('stg_orders')" in found.computed
    assert "ref('stg_returns')" in second.computed
    assert "stg_orders" not in second.computed
    assert second.computed.replace("stg_returns", "stg_orders") == found.computed


WHERES = [
    "status <> 'order_{}'",
    "status IN ('order_{}', 'order_9', 'Later') AND NOT (status = 'order_{}' OR status = 'zzzzzzz')",
    "status = 'order_{}' AND status <> 'it''s' AND status <> 'a b c d' AND status <> '{{{{ x }}}}' AND status <> 'a_'",
    "COALESCE(status, 'order_{}') = 'order_{}' AND status LIKE 'order_{}%' AND status <> 'order_{}'",
    "DATE_TRUNC('month', ordered_at) = ordered_at AND status = 'month' AND status <> 'order_{}'",
]


@pytest.mark.parametrize("where", WHERES)
def test_constants_that_are_put_aside_come_back(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [replace(user_orders(), where=sql(where.replace("{}", str(n)).replace("{{", "{"))) for n in (1, 2, 30)]
    short = [view_sql(view) for view in views]
    texts._lowered.cache_clear()
    monkeypatch.setattr(texts, "stand_ins", lambda words: {})
    assert short == [view_sql(view) for view in views]


def test_views_that_differ_in_constants_are_a_family() -> None:
    def view(status: str) -> FeatureView:
        return replace(user_orders(), where=sql(f"status <> '{status}'"))

    view_sql(view("first"))
    before = lowerings()
    assert "'other'" in view_sql(view("other")).computed
    assert lowerings() == before
    assert "'longer'" in view_sql(view("longer")).computed
    assert lowerings() == before + 1, "longer ones may be laid out otherwise"


def test_a_constant_that_looks_like_a_stand_in_is_kept() -> None:
    found = view_sql(replace(user_orders(), where=sql("status <> 'zq00z' AND status <> 'paid_1'"))).computed
    assert "'zq00z'" in found
    assert "'paid_1'" in found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("status <> 'test'", "status <> 'Test'"),
        ("(status -> '$.a') IS NULL", "(status -> '$.A') IS NULL"),
        ("amount > 1", "amount > 1.0"),
        ("CAST(status AS INTEGER) > 1", "TRY_CAST(status AS INTEGER) > 1"),
    ],
)
def test_what_prints_otherwise_is_lowered_by_itself(one: str, other: str) -> None:
    def computed(where: str) -> str:
        return view_sql(replace(user_orders(), where=sql(where))).computed

    assert computed(one) != computed(other)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True)])
def test_equal_parameters_that_print_otherwise_differ(one: float, other: float) -> None:
    def view(parameter: float) -> FeatureView:
        (feature, *_) = user_orders().features
        call = replace(feature.aggregates[0], parameters=(parameter,))
        return replace(user_orders(), features=(replace(feature, aggregates=(call,)),))

    assert shape(view(one)) != shape(view(other))


def test_the_trees_of_the_model_are_left_as_they_were() -> None:
    view = user_orders()
    before = [repr(feature.expression) for feature in view.features]
    parents = [feature.expression.parent for feature in view.features]
    view_sql(replace(view, where=exp.true()))
    assert [repr(feature.expression) for feature in view.features] == before
    assert [feature.expression.parent for feature in view.features] == parents


def test_a_tree_that_is_gone_lends_its_shape_to_no_other() -> None:
    # Shapes are kept by the trees' identity: a new tree may lie where one that was thrown away did.
    shapes = {shape(replace(user_orders(), where=sql(f"amount > {number}"))) for number in range(500)}
    assert len(shapes) == 500
