"""Every aggregation's SQL against its Python fold and against plain Python, on data with nulls, ties and NaN."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from fpc.aggregations import ALL, BY_NAME, BY_SPELLING, Aggregation
from fpc.model.nodes import AggregateCall
from fpc.sql.aggregates import fill, lower_call
from fpc.types.logical import LogicalType

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPES = ("boolean", "integer", "bigint", "hugeint", "real", "double", "decimal(12,2)", "decimal(38,4)", "varchar")
MORE_TYPES = ("date", "timestamp", "timestamptz", "integer[]")
SHARED = duckdb.connect()
SHARED.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
ARGUMENTS = {"percentile": 0.9, "approx_percentile": 0.25, "first_k": 3, "last_k": 3, "top_k": 2}

Event = tuple[object, int, int]  # value, event time, known time
NOTHING: list[Event] = []
NULL_ALONE: list[Event] = [(None, 1, 1)]


def call_of(aggregation: Aggregation, argument: LogicalType | None) -> AggregateCall:
    return AggregateCall(
        id="__a0",
        function=aggregation.name,
        arguments=() if argument is None else (exp.column("value"),),
        argument_types=() if argument is None else (argument,),
        parameters=(ARGUMENTS[aggregation.name],) if aggregation.parameters else (),
        filter=None,
        type=aggregation.result(argument),
    )


def values_of(kind: str, random_source: random.Random) -> list[object]:
    plain: list[object]
    match kind:
        case "boolean":
            plain = [True, False]
        case "integer" | "bigint" | "hugeint":
            plain = [-3, 0, 7, 7, 2_000_000]
        case "real":
            plain = [0.5, -1.25, 1024.0, 3.0]
        case "double":
            plain = [*(random_source.uniform(-1e3, 1e3) for _ in range(20)), 0.1, 0.1, 1e12]
        case "decimal(12,2)" | "decimal(38,4)":
            plain = [Decimal("0.10"), Decimal("-99.95"), Decimal("12345.67"), Decimal("0.20")]
        case "varchar":
            plain = ["b", "a", "", "é", "Z"]
        case "date":
            plain = [date(2024, 2, 29), date(1970, 1, 1)]
        case "timestamp":
            plain = [datetime(2024, 2, 29, 1), datetime(1969, 1, 1)]
        case "timestamptz":
            plain = [EPOCH, EPOCH + timedelta(days=3)]
        case _:
            plain = [[1, 2], [1], [3]]
    return [*plain, None, None]


def events_of(kind: str, seed: int, rows: int = 60) -> list[Event]:
    source = random.Random(seed)
    values = values_of(kind, source)
    return [(source.choice(values), t := source.randint(0, 9), t + source.randint(0, 2)) for _ in range(rows)]


def run(sql: str, kind: str, events: list[Event], threads: int) -> object:
    connection = SHARED
    connection.execute(f"SET threads = {threads}")
    connection.execute(f"CREATE OR REPLACE TABLE events (value {kind}, event_at TIMESTAMPTZ, known_at TIMESTAMPTZ)")
    if events:
        rows = [(v, EPOCH + timedelta(seconds=e), EPOCH + timedelta(seconds=k)) for v, e, k in events]
        places = ", ".join(["(?, ?, ?)"] * len(rows))
        connection.execute(f"INSERT INTO events VALUES {places}", [item for row in rows for item in row])
    answer: object = connection.execute(f"SELECT {sql} AS answer FROM events").fetchall()[0][0]
    return answer


def described(sql: str) -> LogicalType:
    return LogicalType.parse(SHARED.execute(f"DESCRIBE SELECT {sql} AS answer FROM events").fetchall()[0][1])


def same(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return (math.isnan(left) and math.isnan(right)) or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return left == right and (type(left) is type(right) or right is None)


ACCEPTED = [
    pytest.param(aggregation, kind, id=f"{aggregation.name}-{kind}")
    for aggregation in ALL
    for kind in TYPES + MORE_TYPES
    if aggregation.accepts(LogicalType.parse(kind))
]


@pytest.mark.parametrize(("aggregation", "kind"), ACCEPTED)
def test_sql_and_fold_agree_and_the_type_is_as_promised(aggregation: Aggregation, kind: str) -> None:
    argument = LogicalType.parse(kind)
    call = call_of(aggregation, argument)
    sql = lower_call(call).sql("duckdb")
    for events in (events_of(kind, 1), NOTHING, NULL_ALONE, events_of(kind, 2, rows=1), events_of(kind, 3, rows=2)):
        fold = aggregation.fold(call.parameters)
        for event in events:
            fold.update(*event)
        assert same(run(sql, kind, events, threads=1), fold.finalise()), events
        assert described(sql) == aggregation.result(argument)


@pytest.mark.parametrize(("aggregation", "kind"), ACCEPTED)
def test_answers_are_bit_identical_in_any_order_of_rows_and_threads(aggregation: Aggregation, kind: str) -> None:
    events = events_of(kind, 5, rows=300)
    sql = lower_call(call_of(aggregation, LogicalType.parse(kind))).sql("duckdb")
    answers = set()
    for seed, threads in ((1, 1), (2, 4)):
        random.Random(seed).shuffle(events)
        answers.add(repr(run(sql, kind, events, threads)))
    assert len(answers) == 1


@pytest.mark.parametrize(("aggregation", "kind"), ACCEPTED)
def test_folds_merge_as_if_all_had_been_fed_to_one(aggregation: Aggregation, kind: str) -> None:
    parameters = call_of(aggregation, LogicalType.parse(kind)).parameters
    events = events_of(kind, 7)
    whole, left, right = (aggregation.fold(parameters) for _ in range(3))
    for index, event in enumerate(events):
        whole.update(*event)
        (left if index % 3 else right).update(*event)
    left.merge(right)
    left.merge(aggregation.fold(parameters))
    assert same(left.finalise(), whole.finalise())


@pytest.mark.parametrize(("aggregation", "kind"), ACCEPTED)
def test_states_merge_and_finalise_to_the_direct_answer(aggregation: Aggregation, kind: str) -> None:
    argument = LogicalType.parse(kind)
    states = aggregation.states(argument)
    call = call_of(aggregation, argument)
    if not states:
        assert aggregation.finalise(argument) is None or not aggregation.subtracts(argument)
        return
    inner = exp.select("event_at").from_("events").group_by("event_at")
    outer = exp.select()
    for state in states:
        update = fill(sqlglot.parse_one(state.update, dialect="duckdb"), call, None)
        inner = inner.select(exp.alias_(exp.func(state.merge, update, dialect="duckdb"), state.name))
        outer = outer.select(exp.alias_(exp.func(state.merge, exp.column(state.name), dialect="duckdb"), state.name))
    finalise = aggregation.finalise(argument)
    assert finalise is not None
    merged = outer.from_(inner.subquery("tiles")).sql("duckdb")
    for events in (events_of(kind, 1), NULL_ALONE, events_of(kind, 2, rows=1)):
        answer = run(f"(SELECT CAST({finalise} AS {call.type}) FROM ({merged}))", kind, events, threads=1)
        direct = run(lower_call(call).sql("duckdb"), kind, events, threads=1)
        assert same(answer, direct), events


@pytest.mark.parametrize("aggregation", [a for a in ALL if 0 in a.arguments], ids=lambda a: a.name)
def test_without_argument_every_row_counts(aggregation: Aggregation) -> None:
    sql = lower_call(call_of(aggregation, None)).sql("duckdb")
    assert sql == "COUNT(*)"
    assert run(sql, "integer", [(None, 1, 1), (2, 1, 1)], 1) == 2


PLAIN: list[tuple[str, str, Callable[[list[Any]], object]]] = [
    ("sum", "decimal(12,2)", lambda rows: sum((v for v, *_ in rows), Decimal(0))),
    ("stddev", "integer", lambda rows: statistics.stdev(v for v, *_ in rows)),
    ("var_pop", "double", lambda rows: statistics.pvariance([v for v, *_ in rows])),
    ("median", "integer", lambda rows: float(statistics.median(v for v, *_ in rows))),
    ("last", "varchar", lambda rows: max((e, k, v) for v, e, k in rows)[2]),
    ("first", "varchar", lambda rows: min((e, k, v) for v, e, k in rows)[2]),
    ("last_k", "varchar", lambda rows: [v for *_, v in sorted(((e, k, v) for v, e, k in rows), reverse=True)][:3]),
    ("mode", "varchar", lambda rows: min(statistics.multimode(v for v, *_ in rows))),
]


@pytest.mark.parametrize(("name", "kind", "plain"), PLAIN, ids=[name for name, *_ in PLAIN])
def test_sql_agrees_with_plain_python(name: str, kind: str, plain: Callable[[list[Any]], object]) -> None:
    events = events_of(kind, 11)
    present = [event for event in events if event[0] is not None]
    answer = run(lower_call(call_of(BY_NAME[name], LogicalType.parse(kind))).sql("duckdb"), kind, events, 2)
    assert same(answer, plain(present))


def test_ties_go_to_the_greater_value_and_nulls_are_skipped() -> None:
    events: list[Event] = [("a", 5, 5), ("b", 5, 5), (None, 6, 6), ("z", 4, 9)]
    varchar = LogicalType.parse("varchar")
    answers = {
        name: run(lower_call(call_of(BY_NAME[name], varchar)).sql("duckdb"), "varchar", events, 1)
        for name in ("last", "first", "last_k", "first_k", "top_k", "mode")
    }
    assert answers == {
        "last": "b",
        "first": "z",
        "last_k": ["b", "a", "z"],
        "first_k": ["z", "a", "b"],
        "top_k": ["a", "b"],
        "mode": "a",
    }


def test_nan_is_above_all_numbers() -> None:
    events: list[Event] = [(math.nan, 1, 1), (2.0, 1, 1), (math.nan, 0, 0)]
    double = LogicalType.parse("double")
    for name in ("max", "last", "count_distinct", "top_k", "sum", "stddev"):
        call = call_of(BY_NAME[name], double)
        fold = BY_NAME[name].fold(call.parameters)
        for event in events:
            fold.update(*event)
        answer = run(lower_call(call).sql("duckdb"), "double", events, 1)
        assert repr(answer) == repr(fold.finalise()), name


def test_a_sum_that_leaves_bigint_is_an_error_and_not_a_wrong_number() -> None:
    sql = lower_call(call_of(BY_NAME["sum"], LogicalType.parse("bigint"))).sql("duckdb")
    with pytest.raises(duckdb.Error):
        run(sql, "bigint", [(2**63 - 1, 1, 1), (1, 1, 1)], 1)


def test_the_calls_filter_and_the_rows_condition_both_hold() -> None:
    call = call_of(BY_NAME["sum"], LogicalType.parse("double"))
    filtered = AggregateCall(**{**{f: getattr(call, f) for f in call.__slots__}, "filter": exp.condition("a OR b")})
    rows = exp.column("event_at") >= exp.column("edge")
    assert lower_call(filtered, rows).sql("duckdb") == (
        "SUM(value ORDER BY value) FILTER(WHERE event_at >= edge AND (a OR b))"
    )


def test_names_and_spellings_are_unique_and_constants_are_checked() -> None:
    assert len(BY_NAME) == len(ALL) == 22
    assert len(BY_SPELLING) == sum(len(aggregation.spellings) for aggregation in ALL)
    assert all(aggregation.summary.endswith((".", "x).")) for aggregation in ALL)
    assert BY_NAME["last_k"].problem((0,)) and BY_NAME["last_k"].problem((1.5,)) and not BY_NAME["last_k"].problem((1,))
    assert BY_NAME["percentile"].problem((1.5,)) and not BY_NAME["percentile"].problem((1,))
