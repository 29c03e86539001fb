"""Views of a family share their SQL, and no others do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlglot import exp
from tests.unit.emit.models import sql, user_orders

from fpc.emit.dbt import view_sql as texts
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

    assert texts._shape(view(one)) != texts._shape(view(other))


def test_the_trees_of_the_model_are_left_as_they_were() -> None:
    view = user_orders()
    before = [repr(feature.expression) for feature in view.features]
    parents = [feature.expression.parent for feature in view.features]
    view_sql(replace(view, where=exp.true()))
    assert [repr(feature.expression) for feature in view.features] == before
    assert [feature.expression.parent for feature in view.features] == parents
