"""What could be had from what is there, and what only looks so."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.model.repositories import ENTITY, SOURCE, VIEW, analysed

from fpc.model.derivable import derivable, same_meanings
from fpc.model.lineage import feature

_OTHER = VIEW.replace("user_orders", "user_more")


def features(*items: str, where: str = "", closed: str = "left", view: str = VIEW) -> str:
    filtered = f"  where: {where}\n" if where else ""
    return f"{view}  closed: {closed}\n{filtered}  features:\n" + "".join(f"    - {{{item}}}\n" for item in items)


def ways(folder: Path, *documents: str) -> dict[str, str]:
    repository = analysed(folder, SOURCE, ENTITY, *documents)
    assert repository.errors == []
    return {str(one.feature): one.how for one in derivable(repository.model)}


SUM = "name: total, sql: SUM(score), window: 7d"
COUNT = "name: times, sql: COUNT(score), window: 7d"
AVERAGE = "name: mean, sql: AVG(score), window: 7d"


def test_an_average_from_sum_and_count(tmp_path: Path) -> None:
    assert ways(tmp_path, features(SUM, COUNT, AVERAGE)) == {
        "user_orders.mean": "derived: `total / times`, the average from sum and count"
    }


@pytest.mark.parametrize(
    "items",
    [
        (SUM, AVERAGE),
        (SUM, "name: times, sql: COUNT(*), window: 7d", AVERAGE),  # counts nulls, too
        (SUM, COUNT, "name: mean, sql: AVG(score), window: 8d"),
        (SUM, COUNT, "name: mean, sql: AVG(score) FILTER (WHERE gift), window: 7d"),
        (SUM, "name: times, sql: COUNT(score), window: 7d, default: 1", AVERAGE),  # what is kept is not the count
    ],
)
def test_what_only_looks_like_an_average_of_what_is_there(tmp_path: Path, items: tuple[str, ...]) -> None:
    assert ways(tmp_path, features(*items)) == {}


def test_a_ratio_of_features_that_are_there(tmp_path: Path) -> None:
    found = ways(
        tmp_path,
        features(
            "name: gifts, sql: COUNT(*) FILTER (WHERE gift), window: 7d",
            "name: orders_7d, sql: COUNT(*), window: 7d",
            'name: share, sql: "100.0 * COUNT(*) FILTER (WHERE gift) / COUNT(*)", window: 7d',
        ),
    )
    assert found == {"user_orders.share": "derived: `100.0 * gifts / orders_7d`"}


def test_another_window_of_an_aggregate_that_another_view_keeps(tmp_path: Path) -> None:
    month = features("name: spent_30d, sql: SUM(amount), window: 30d", where="NOT gift")
    week = features("name: spent_7d, sql: SUM( amount ), window: 7d", where="not (GIFT)", view=_OTHER)
    found = ways(tmp_path, month, week)
    assert (
        found["user_more.spent_7d"] == "`user_orders.spent_30d` with the window 7d: the same aggregate of the same rows"
    )


@pytest.mark.parametrize(("where", "closed"), [("gift", "left"), ("", "left"), ("NOT gift", "right")])
def test_other_rows_keep_other_aggregates(tmp_path: Path, where: str, closed: str) -> None:
    month = features("name: spent_30d, sql: SUM(amount), window: 30d", where="NOT gift")
    week = features("name: spent_7d, sql: SUM(amount), window: 7d", where=where, closed=closed, view=_OTHER)
    assert ways(tmp_path, month, week) == {}


def test_windows_of_one_view_share_their_aggregates_anyway(tmp_path: Path) -> None:
    both = ("name: spent_30d, sql: SUM(amount), window: 30d", "name: spent_7d, sql: SUM(amount), window: 7d")
    assert ways(tmp_path, features(*both)) == {}


BEFORE = "name: before, sql: {0}, window: 7d, offset: 7d"
WEEK, FORTNIGHT = "name: week, sql: {0}, window: 7d", "name: fortnight, sql: {0}, window: 14d"


@pytest.mark.parametrize(
    ("sql", "closed", "is_offered"),
    [
        ("COUNT(*)", "left", True),
        ("SUM(amount)", "right", True),
        ("SUM(score)", "left", False),  # a float: its last bits would differ
        ("MAX(amount)", "left", False),
        ("COUNT(*)", "both", False),  # an event at the seam is in both windows
    ],
)
def test_the_week_before_is_a_fortnight_without_this_week(
    tmp_path: Path, sql: str, closed: str, is_offered: bool
) -> None:
    found = ways(tmp_path, features(*(item.format(sql) for item in (BEFORE, WEEK, FORTNIGHT)), closed=closed))
    assert ("user_orders.before" in found) is is_offered
    if is_offered:
        assert found["user_orders.before"] == "derived: `fortnight - week`, the longer window without the shorter"


def test_twins_are_told_by_meaning_and_not_by_spelling(tmp_path: Path) -> None:
    one = features(
        "name: paid, sql: SUM(amount) FILTER (WHERE 5 < score), window: 7d", "name: n, sql: COUNT(*), window: 7d"
    )
    two = features("name: also, sql: sum( amount ) filter (where score > 5), window: 7d", view=_OTHER)
    model = analysed(tmp_path, SOURCE, ENTITY, one, two).model
    assert {str(node) for pair in same_meanings(model) for node in pair} == {"user_orders.paid", "user_more.also"}


def test_only_what_is_asked_for_is_offered_and_only_from_what_is_there(tmp_path: Path) -> None:
    model = analysed(tmp_path, SOURCE, ENTITY, features(SUM, COUNT, AVERAGE)).model
    mean, total, times = (feature("user_orders", name) for name in ("mean", "total", "times"))
    assert derivable(model, [total]) == ()
    assert derivable(model, [mean], among=[total]) == ()
    assert len(derivable(model, [mean], among=[total, times])) == 1
