"""A view's snapshot, executed on DuckDB and compared with the naive oracle."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from sqlglot import exp
from tests.oracle import oracle
from tests.unit.sql.builder import COLUMNS, Call, derived, feature, source, view

from fpc.model.nodes import Closed, FeatureView
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 3, 8, tzinfo=UTC)
NOW_US = (NOW - EPOCH) // timedelta(microseconds=1)
US, DAY = timedelta(microseconds=1), timedelta(days=1)
Row = tuple[Any, ...]


def literal(instant: datetime) -> exp.Expr:
    return exp.cast(exp.Literal.string(instant.isoformat()), "timestamptz")


def warehouse(rows: Sequence[Row]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE raw ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    for row in rows:
        connection.execute(f"INSERT INTO raw VALUES ({', '.join('?' * len(row))})", row)
    return connection


def snapshot(of: FeatureView, rows: Sequence[Row], at: datetime = NOW) -> dict[Any, dict[str, Any]]:
    connection = warehouse(rows)
    staging = lower_staging(of.source, exp.to_table("raw")).sql("duckdb")
    connection.execute(f"CREATE VIEW stg_orders AS {staging}")
    query = lower_snapshot(of, exp.to_table("stg_orders"), literal(at)).sql("duckdb")
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    answers = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    keys = [key.name for key in of.entity.keys]
    return {answer[keys[0]] if len(keys) == 1 else tuple(answer[k] for k in keys): answer for answer in answers}


def empty(of: FeatureView, at: datetime = NOW) -> dict[str, Any]:
    cursor = warehouse(()).execute(lower_empty(of, literal(at)).sql("duckdb"))
    (row,) = cursor.fetchall()
    return dict(zip([column[0] for column in cursor.description or ()], row, strict=True))


def order(
    user: int | None = 1,
    at: datetime | None = NOW - DAY,
    *,
    number: int | None = 1,
    loaded: datetime | None = None,
    status: str | None = "completed",
    amount: str | None = "10.00",
    city: str | None = "Rome",
) -> Row:
    return number, user, city, at, loaded, status, None if amount is None else Decimal(amount), 1.5


def count_of(of: FeatureView, rows: Sequence[Row]) -> int:
    answer = snapshot(of, rows).get(1)
    return 0 if answer is None else answer["n"]


EDGES = {
    Closed.LEFT: {-7 * DAY - US: 0, -7 * DAY: 1, -US: 1, 0 * DAY: 0},
    Closed.RIGHT: {-7 * DAY: 0, -7 * DAY + US: 1, 0 * DAY: 1, US: 0},
    Closed.BOTH: {-7 * DAY - US: 0, -7 * DAY: 1, 0 * DAY: 1, US: 0},
}


@pytest.mark.parametrize("closed", Closed)
@pytest.mark.parametrize("offset", [0, 3])
@pytest.mark.parametrize("known", [False, True])
def test_edges_are_exact_to_the_microsecond(closed: Closed, offset: int, known: bool) -> None:
    features = view(feature("n", Call("count"), offset=f"{offset}d"), of=source(known_time=known), closed=closed)
    for distance, expected in EDGES[closed].items():
        at = NOW - offset * DAY + distance
        assert count_of(features, [order(at=at, loaded=at)]) == expected, distance


@pytest.mark.parametrize(("closed", "known_now"), [(Closed.LEFT, 0), (Closed.RIGHT, 1), (Closed.BOTH, 1)])
def test_a_late_event_counts_from_when_it_was_known(closed: Closed, known_now: int) -> None:
    features = view(feature("n", Call("count")), of=source(known_time=True), closed=closed)
    assert count_of(features, [order(loaded=NOW)]) == known_now
    assert count_of(features, [order(loaded=NOW - US)]) == 1
    assert count_of(features, [order(loaded=NOW + US)]) == 0


def test_refused_rows_never_count() -> None:
    features = view(feature("n", Call("count")), of=source(known_time=True, unique_key=("order_id",)))
    refused = [
        order(at=None, loaded=NOW - DAY, number=2),
        order(loaded=None, number=3),
        order(loaded=NOW - 2 * DAY, number=4),
        order(loaded=NOW - DAY, number=None),
        order(user=None, loaded=NOW - DAY, number=5),
    ]
    assert snapshot(features, refused) == {}
    assert count_of(features, [*refused, order(loaded=NOW - DAY, number=6)]) == 1


def test_the_version_is_chosen_before_entity_filter_and_window() -> None:
    features = view(
        feature("n", Call("count")),
        of=source(known_time=True, unique_key=("order_id",)),
        where="status <> 'cancelled'",
    )
    first = order(loaded=NOW - DAY)
    assert count_of(features, [first, order(loaded=NOW - US, status="cancelled")]) == 0
    assert count_of(features, [first, order(loaded=NOW, status="cancelled")]) == 1
    assert count_of(features, [first, order(loaded=NOW - US, user=2)]) == 0
    assert count_of(features, [first, order(loaded=NOW - US, at=NOW - 8 * DAY)]) == 0
    assert count_of(features, [first, first, order(loaded=NOW - DAY, city=None)]) == 1


def test_versions_known_together_are_decided_by_event_time_then_by_the_columns_nulls_lowest() -> None:
    features = view(feature("v", Call("last", "amount")), of=source(known_time=True, unique_key=("order_id",)))
    known = NOW - US
    rows = [
        order(at=NOW - 2 * DAY, loaded=known, amount="9.00"),
        order(loaded=known, amount="3.00", status=None),
        order(loaded=known, amount="1.00", status="b"),
        order(loaded=known, amount="2.00", status="b"),
    ]
    for seed in range(4):
        random.Random(seed).shuffle(rows)
        assert snapshot(features, rows)[1]["v"] == Decimal("2.00")


def test_an_entity_appears_iff_it_has_an_event_in_some_window() -> None:
    recent, before = feature("n", Call("count")), feature("m", Call("count"), offset="30d")
    rows = [order(1, NOW - DAY), order(2, NOW - 20 * DAY), order(3, NOW - 31 * DAY), order(4, NOW - 40 * DAY)]
    assert set(snapshot(view(recent, before), rows)) == {1, 3}
    assert set(snapshot(view(feature("n", Call("count"), window=None)), rows)) == {1, 2, 3, 4}
    assert set(snapshot(view(recent, feature("m", Call("count"), window=None, offset="30d")), rows)) == {1, 3, 4}


def test_defaults_replace_nulls_alone_and_an_absent_entity_is_the_empty_row() -> None:
    features = view(
        feature("n", Call("count")),
        feature("total", Call("sum", "amount"), window="30d"),
        feature("known", Call("sum", "amount"), default="0.0"),
        feature(
            "share", Call("count"), Call("count"), sql_text="__a0 / NULLIF(__a1, 0)", type_="double", default="0.5"
        ),
        feature("age", Call("max", "ordered_at"), sql_text="DATE_DIFF('hour', __a0, AS_OF())", type_="bigint"),
        derived=(
            derived("twice", "2 * n", ("n",), "bigint"),
            derived("more", "twice + share", ("twice", "share"), "double"),
            derived("ratio", "age / NULLIF(n, 0)", ("age", "n"), "double", default="-1.0"),
            derived("above", "ratio + known", ("ratio", "known"), "double"),
        ),
    )
    nothing = {"n": 0, "total": None, "known": Decimal(0), "share": 0.5, "age": None, "twice": 0, "more": 0.5}
    nothing |= {"ratio": -1.0, "above": -1.0}
    marks = {f"__defaulted_{name}": True for name in ("known", "share", "ratio")}
    assert empty(features) == {**nothing, **marks, "as_of": NOW}
    assert list(empty(features))[-1] == "as_of"
    answer = snapshot(features, [order(1, NOW - 20 * DAY)])[1]
    assert answer == {"user_id": 1, **nothing, **marks, "total": Decimal("10.00"), "as_of": NOW}
    answer = snapshot(features, [order(1), order(1)])[1]
    assert (answer["share"], answer["age"], answer["more"]) == (1.0, 24, 5.0)
    assert {answer[mark] for mark in marks} == {False}
    # What is computed and happens to be the default is no default.
    answer = snapshot(features, [order(1, amount="0.00")])[1]
    assert (answer["known"], answer["__defaulted_known"]) == (Decimal(0), False)


def test_one_entity_in_two_roles_and_a_key_that_hides_a_column() -> None:
    features = view(feature("cities", Call("count_distinct", "city")), keys={"city": "order_id", "user_id": "user_id"})
    answers = snapshot(features, [order(7, number=1, city="Rome"), order(7, number=1, city="Oslo"), order(7, number=2)])
    assert {key: answer["cities"] for key, answer in answers.items()} == {(1, 7): 2, (2, 7): 1}


def test_as_of_inside_an_aggregate_is_the_instant() -> None:
    old = Call("count", filter="DATE_DIFF('day', ordered_at, AS_OF()) >= 2")
    assert count_of(view(feature("n", old)), [order(at=NOW - DAY), order(at=NOW - 3 * DAY)]) == 1


FUNCTIONS = [
    Call("count"),
    Call("count", "status"),
    Call("count_distinct", "city"),
    Call("sum", "amount"),
    Call("sum", "weight"),
    Call("avg", "amount"),
    Call("stddev", "amount"),
    Call("median", "amount"),
    Call("percentile", "weight", parameters=(0.9,)),
    Call("min", "city"),
    Call("max", "amount"),
    Call("first", "city"),
    Call("last", "status"),
    Call("last_k", "amount", parameters=(2,)),
    Call("first_k", "city", parameters=(2,)),
    Call("top_k", "city", parameters=(2,)),
    Call("mode", "status"),
]
WINDOWS: list[tuple[str | None, str]] = [("1d", "0s"), ("3d", "0s"), (None, "0s"), ("1d", "2d"), (None, "1d")]


def oracle_view(of: FeatureView) -> oracle.View:
    return oracle.View(
        keys=tuple(column for _, column in of.key_columns),
        columns=tuple(COLUMNS),
        unique_key=of.source.unique_key,
        closed=of.closed.value,
        where=lambda row: None if row["status"] is None else row["status"] != "cancelled",
    )


def oracle_call(call: Call) -> oracle.Call:
    argument = call.argument
    parameter = call.parameters[0] if call.parameters else 0
    return oracle.Call(call.function, lambda row: 1 if argument is None else row[argument], parameter=parameter)


def random_rows(source_of: random.Random, rows: int) -> list[Row]:
    def instant() -> datetime:
        return NOW + source_of.choice((-1, 0, 0, 1)) * US - source_of.choice((0, 0, 1, 2, 3, 5)) * DAY

    return [
        (
            source_of.choice((1, 2, 3, 4, None)),
            source_of.choice((1, 1, 2, 3, None)),
            source_of.choice(("Rome", "Oslo", None)),
            at := source_of.choice((instant(), instant(), instant(), None)),
            None if at is None else at + source_of.choice((-1, 0, 0, 1, 2)) * source_of.choice((US, DAY)),
            source_of.choice(("placed", "completed", "cancelled", None)),
            source_of.choice((Decimal("1.10"), Decimal("1.10"), Decimal("-2.25"), None)),
            source_of.choice((0.1, 2.5, 1e6, None)),
        )
        for _ in range(rows)
    ]


def close(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return bool(left == right)


@pytest.mark.parametrize("closed", Closed)
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("versions", [False, True])
def test_every_value_is_the_oracles(closed: Closed, known: bool, versions: bool) -> None:
    for seed in range(6):
        chosen = random.Random(seed)
        calls = chosen.sample(FUNCTIONS, 6)
        windows = chosen.choices(WINDOWS, k=6)
        features = view(
            *(
                feature(f"f{i}", c, window=w, offset=o)
                for i, (c, (w, o)) in enumerate(zip(calls, windows, strict=True))
            ),
            of=source(known_time=known, unique_key=("order_id",) if versions else ()),
            where="status <> 'cancelled'",
            closed=closed,
        )
        rows = random_rows(chosen, 40)
        named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        events = [
            oracle.Event(
                None if row["ordered_at"] is None else (row["ordered_at"] - EPOCH) // US,
                None if row[k := "loaded_at" if known else "ordered_at"] is None else (row[k] - EPOCH) // US,
                row,
            )
            for row in named
        ]
        answers, nothing = snapshot(features, rows), empty(features)
        for user in (1, 2, 3, 4):
            for i, (call, one) in enumerate(zip(calls, features.features, strict=True)):
                length = None if one.window.length is None else one.window.length.microseconds
                plain = oracle.Feature((oracle_call(call),), lambda v, _: v[0], length, one.window.offset.microseconds)
                expected = oracle.value(plain, oracle_view(features), events, (user,), NOW_US)
                got = answers.get(user, nothing)[f"f{i}"]
                assert close(got, expected), (seed, user, call, one.window, got, expected)
