"""The oracle against cases worked out by hand from semantics.md, so that the judge is judged first."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.oracle import oracle
from tests.oracle.oracle import Call, Event, Feature, View

USER = View(keys=("user",), columns=("id", "user", "n"))


def event(e: int, n: Any = 1, *, k: int | None = None, user: int | None = 1, id: int | None = 0) -> Event:
    return Event(e, e if k is None else k, {"id": id, "user": user, "n": n})


def total(length: int | None, offset: int = 0, default: Any = None) -> Feature:
    return Feature((Call("sum", lambda row: row["n"]),), lambda values, t: values[0], length, offset, default)


def ask(feature: Feature, events: list[Event], t: int, view: View = USER, user: int = 1) -> Any:
    return oracle.value(feature, view, events, (user,), t)


def test_the_oracle_has_at_most_a_hundred_lines() -> None:
    assert len(Path(oracle.__file__).read_text(encoding="utf-8").splitlines()) <= 100


@pytest.mark.parametrize(
    ("closed", "at_the_start", "at_the_end"),
    [("left", 1, None), ("right", None, 1), ("both", 1, 1)],
)
def test_closed_rules_at_both_edges(closed: str, at_the_start: int | None, at_the_end: int | None) -> None:
    view = USER._replace(closed=closed)
    assert ask(total(10), [event(90)], 100, view) == at_the_start
    assert ask(total(10), [event(100)], 100, view) == at_the_end
    assert ask(total(10), [event(89)], 100, view) is None
    assert ask(total(10), [event(101)], 100, view) is None
    assert ask(total(10), [event(91), event(99)], 100, view) == 2


@pytest.mark.parametrize(("closed", "expected"), [("left", None), ("right", 1), ("both", 1)])
def test_an_event_known_exactly_at_the_instant(closed: str, expected: int | None) -> None:
    assert ask(total(50), [event(90, k=100)], 100, USER._replace(closed=closed)) == expected


def test_a_late_event_counts_from_when_it_was_known() -> None:
    late = [event(90, k=105)]
    assert ask(total(50), late, 100) is None
    assert ask(total(50), late, 105) is None
    assert ask(total(50), late, 106) == 1


def test_an_offset_moves_the_edges_and_keeps_the_known_rule() -> None:
    # At 100, with an offset of 20, the window is [70, 80) and all that is known before 100 counts.
    rows = [event(69, 1), event(70, 2), event(79, 4), event(80, 8), event(75, 16, k=99), event(75, 32, k=100)]
    assert ask(total(10, offset=20), rows, 100) == 2 + 4 + 16


def test_a_lifetime_has_no_start() -> None:
    assert ask(total(None), [event(0), event(99), event(100)], 100) == 2
    assert ask(total(None, offset=50), [event(0), event(49), event(50)], 100) == 2


def test_the_version_known_last_counts_and_only_it() -> None:
    view = USER._replace(unique_key=("id",))
    rows = [event(10, 1, k=10), event(10, 2, k=20), event(10, 4, k=30)]
    assert [ask(total(None), rows, t, view) for t in (10, 11, 20, 21, 30, 31)] == [None, 1, 1, 2, 2, 4]


def test_version_ties_go_to_event_time_then_to_columns_in_order_nulls_lowest() -> None:
    view = USER._replace(unique_key=("id",))
    assert ask(total(None), [event(10, 9, k=20), event(11, 2, k=20)], 50, view) == 2
    assert ask(total(None), [event(10, 9, k=20), event(10, 2, k=20)], 50, view) == 9
    assert ask(total(None), [event(10, None, k=20), event(10, 2, k=20)], 50, view) == 2


def test_the_version_is_chosen_before_entity_filter_and_window() -> None:
    view = USER._replace(unique_key=("id",))
    moved = [event(10, 1, k=10, user=1), event(10, 2, k=20, user=2)]
    assert ask(total(None), moved, 15, view, user=1) == 1
    assert ask(total(None), moved, 25, view, user=1) is None
    assert ask(total(None), moved, 25, view, user=2) == 2
    filtered = view._replace(where=lambda row: row["n"] == 1)
    assert ask(total(None), [event(10, 1), event(10, 2, k=20)], 25, filtered) is None
    shifted = [event(95, 1, k=95), event(50, 2, k=97)]
    assert ask(total(10), shifted, 100, view) is None
    gone = [event(10, 1, k=10), event(10, 2, k=20, user=None)]
    assert ask(total(None), gone, 25, view) is None


def test_equal_rows_count_once_with_a_unique_key_and_each_without() -> None:
    rows = [event(10), event(10)]
    assert ask(total(None), rows, 50) == 2
    assert ask(total(None), rows, 50, USER._replace(unique_key=("id",))) == 1


def test_refused_rows_never_count() -> None:
    view = USER._replace(unique_key=("id",))
    impossible = Event(20, 10, {"id": 0, "user": 1, "n": 4})
    timeless = Event(None, 10, {"id": 0, "user": 1, "n": 8})
    assert ask(total(None), [event(5, 1), impossible, timeless], 50, view) == 1
    assert ask(total(None), [event(5, 1, id=None)], 50, view) is None
    assert ask(total(None), [event(5, 1, user=None)], 50) is None


def test_an_empty_window_gives_sql_s_empty_group_then_the_default() -> None:
    count = Feature((Call("count", lambda row: True),), lambda values, t: values[0], 10, 0, 7)
    assert ask(count, [], 100) == 0
    assert ask(total(10), [], 100) is None
    assert ask(total(10, default=7), [], 100) == 7
    assert ask(total(10, default=7), [event(95, 0)], 100) == 0
    assert ask(total(10, default=7), [event(95, None)], 100) == 7


def test_ties_of_first_and_last_are_decided_by_known_time_then_value() -> None:
    rows = [event(10, 5, k=12), event(10, 3, k=12), event(10, 9, k=11), event(9, 4), event(11, None)]
    found = {
        name: oracle.aggregate(Call(name, lambda row: row["n"], parameter=2), rows)
        for name in ("first", "last", "first_k", "last_k")
    }
    assert found == {"first": 4, "last": 5, "first_k": [4, 9], "last_k": [5, 3]}


@pytest.mark.parametrize(
    ("function", "parameter", "values", "expected"),
    [
        ("count", 0, [1, None, 1], 2),
        ("count_distinct", 0, [1, None, 1, 2], 2),
        ("approx_count_distinct", 0, [1, 1], 1),
        ("sum", 0, [Decimal("0.10"), Decimal("0.20")], Decimal("0.30")),
        ("sum", 0, [1e17, 1.0, -1e17], 1.0),
        ("avg", 0, [1, 2], 1.5),
        ("min", 0, ["b", "a", None], "a"),
        ("max", 0, ["b", "a", None], "b"),
        ("variance", 0, [1, 2, 3, 4], 5 / 3),
        ("variance", 0, [1], None),
        ("stddev", 0, [1, 3], 2**0.5),
        ("stddev", 0, [1], None),
        ("var_pop", 0, [1], 0.0),
        ("stddev_pop", 0, [1, 3], 1.0),
        ("median", 0, [4, 1, 2, 3], 2.5),
        ("percentile", 0.9, [1, 2], 1.9),
        ("approx_percentile", 0.5, [1, 3], 2.0),
        ("mode", 0, ["b", "a", "b", "a", "c"], "a"),
        ("top_k", 2, ["b", "c", "c", "a", None], ["c", "a"]),
        ("any", 0, [False, None, True], True),
        ("any", 0, [None], None),
        ("all", 0, [False, None, True], False),
    ],
)
def test_functions(function: str, parameter: float, values: list[Any], expected: Any) -> None:
    rows = [event(place, x) for place, x in enumerate(values)]
    found = oracle.aggregate(Call(function, lambda row: row["n"], parameter=parameter), rows)
    assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected
    assert type(found) is type(expected)


def test_a_filter_that_is_null_leaves_the_row_out() -> None:
    call = Call("count", lambda row: True, filter=lambda row: None if row["n"] is None else row["n"] > 1)
    assert oracle.aggregate(call, [event(1, None), event(2, 1), event(3, 2)]) == 1


def test_the_served_instant_is_the_latest_published_grid_point() -> None:
    grid = range(0, 1000, 100)
    assert oracle.served_instant(250, grid, 0, None) == 200
    assert oracle.served_instant(200, grid, 0, None) == 200
    assert oracle.served_instant(209, grid, 10, None) == 100
    assert oracle.served_instant(210, grid, 10, None) == 200
    assert oracle.served_instant(299, grid, 0, 99) == 200
    assert oracle.served_instant(299, grid, 0, 98) is None
