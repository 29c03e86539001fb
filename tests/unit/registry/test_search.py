"""Searching: by beginnings, with slips, the rare before the common, the name before the description."""

from __future__ import annotations

import pytest

from fpc.registry.search import Index, distance, words
from fpc.registry.things import Kind, Thing


def thing(
    name: str, description: str = "", *, kind: Kind = Kind.FEATURE, tags: tuple[str, ...] = (), sql: str = ""
) -> Thing:
    return Thing(
        kind, "user_orders" if kind is Kind.FEATURE else "", name, description, "team:growth", "a.yml", tags, sql
    )


INDEX = Index(
    [
        thing("orders_7d", "Orders of the last week."),
        thing("orders_30d", "Orders of the last month."),
        thing("amount_sum_7d", "What was paid.", tags=("money",)),
        thing("last_status", "How the newest order stands.", sql="LAST(status)"),
        thing("favourite_hour", "The hour with the most orders."),
        thing("churn", "Who leaves.", kind=Kind.SERVICE),
        thing("churn_risk", "How likely it is that a user leaves."),
    ]
)


def found(text: str) -> list[str]:
    return [hit.thing.name for hit in INDEX.search(text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("amount", "amount_sum_7d"),
        ("amuont", "amount_sum_7d"),  # two letters swapped
        ("amunt", "amount_sum_7d"),  # one left out
        ("favorite hour", "favourite_hour"),
        ("order 30d", "orders_30d"),
        ("money", "amount_sum_7d"),
        ("status", "last_status"),
        ("user_orders.orders_7d", "orders_7d"),
        ("churn", "churn"),  # the very name, before what merely begins with it
        ("leaves user", "churn_risk"),
    ],
)
def test_what_is_meant_comes_first(text: str, first: str) -> None:
    assert found(text)[0] == first


def test_a_window_is_not_taken_for_another() -> None:
    assert found("orders 7d") == ["orders_7d", "amount_sum_7d"]  # the other by its view's name


def test_every_word_must_be_found_where_anything_has_them_all() -> None:
    assert found("orders month") == ["orders_30d"]
    # Nothing has both: what has one is still better than nothing.
    assert set(found("orders zzzzzz")) >= {"orders_7d", "orders_30d"}


def test_nothing_is_found_for_what_is_not_there() -> None:
    assert found("zzzzzz") == []
    assert found("") == []
    assert found("?!") == []


def test_a_short_word_must_be_right() -> None:
    assert found("7x") == []


def test_the_limit_cuts_the_worst() -> None:
    assert [hit.thing.name for hit in INDEX.search("orders", limit=1)] == found("orders")[:1]


@pytest.mark.parametrize(
    ("left", "right", "off"),
    [("a", "a", 0), ("ab", "ba", 1), ("abc", "ab", 1), ("abc", "abd", 1), ("kitten", "sitting", 3), ("", "ab", 2)],
)
def test_distances(left: str, right: str, off: int) -> None:
    assert distance(left, right, 3) == distance(right, left, 3) == off


def test_hostile_text_is_words_like_any_other() -> None:
    assert words("\x1b[31m<script>alert('x')</script>") == ["31m", "script", "alert", "x", "script"]
