"""Every registered aggregation: documented, and the same by SQL, by states, by fold and by the oracle."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp
from tests.differential.compare import same
from tests.oracle import oracle
from tests.oracle.oracle import Call, Event

from fpc.aggregations import ALL, Aggregation
from fpc.model.nodes import AggregateCall
from fpc.sql.aggregates import fill, lower_call
from fpc.types.logical import LogicalType

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
#: Values of each type that tie, repeat and stand apart.
VALUES: dict[str, list[Any]] = {
    "boolean": [True, False],
    "integer": [0, 1, 2, 7, -5, 2_000_000_000],
    "bigint": [0, 1, 2, 7, -5, 1_000_000_000_000],
    "decimal(12,2)": [Decimal("0.10"), Decimal("0.20"), Decimal("-1.55"), Decimal("9999999999.99")],
    "real": [0.0, 0.5, 1.25, 8.0],
    "double": [0.0, 0.1, 0.2, 0.7, 3.3, 3e15],
    "varchar": ["", "a", "b", "it's", "é😀"],
    "date": [date(2024, 1, 1), date(1969, 1, 2)],
    "timestamptz": [EPOCH, EPOCH + timedelta(microseconds=1), datetime(1969, 12, 31, tzinfo=UTC)],
}
CONSTANTS = {"percentile": (0.0, 0.3, 0.9, 1.0), "approx_percentile": (0.5, 0.99)}
FIXED = [(1, 1, 0), (1, 1, 1), (1, 2, 0), (0, 5, 2), (3, 3, None), (2, 2, 1), (2, 2, 1), (0, 0, 3)]
CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'UTC'; SET threads = 1")

History = list[tuple[int, int, Any]]  # event time, known time, value


def twin(function: str, history: History, parameter: float) -> Any:
    events = [Event(e, k, {"x": x}) for e, k, x in history]
    return oracle.aggregate(Call(function, lambda row: row["x"], parameter=parameter), events)


def call_of(aggregation: Aggregation, kind: str, parameter: float) -> AggregateCall:
    argument = LogicalType.parse(kind)
    parameters = (parameter,) if aggregation.parameters else ()
    return AggregateCall(
        "__a0", aggregation.name, (exp.column("x"),), (argument,), parameters, None, aggregation.result(argument)
    )


def load(histories: Sequence[History], kind: str) -> None:
    """Table `events`: the histories by number, and in each one more row that `kept` leaves out."""
    rows = [
        (number, *row, kept)
        for number, history in enumerate(histories)
        for row, kept in [*((row, True) for row in history), ((0, 0, None), False)]
    ]
    numbers, e, k, x, kept = zip(*rows, strict=True)
    stamp = pa.timestamp("us", tz="UTC")
    columns = {
        "history": pa.array(numbers, pa.int64()),
        "event_at": pa.array([EPOCH + timedelta(microseconds=us) for us in e], stamp),
        "known_at": pa.array([EPOCH + timedelta(microseconds=us) for us in k], stamp),
        "x": pa.array(x, arrow_type(kind)),
        "kept": pa.array(kept, pa.bool_()),
    }
    CONNECTION.register("events", pa.table(columns))


def arrow_type(kind: str) -> pa.DataType:
    plain = {
        "boolean": pa.bool_(), "integer": pa.int32(), "bigint": pa.int64(), "real": pa.float32(),
        "double": pa.float64(), "varchar": pa.string(), "date": pa.date32(), "timestamptz": pa.timestamp("us", "UTC"),
        "decimal(12,2)": pa.decimal128(12, 2),
    }  # fmt: skip
    return plain[kind]


def answers_of(select: exp.Expr) -> dict[int, Any]:
    return dict(CONNECTION.execute(select.sql("duckdb")).fetchall())


def by_states(aggregation: Aggregation, call: AggregateCall) -> exp.Select | None:
    """The values from partial states of each event time, merged; None where there is no state."""
    states = aggregation.states(call.argument_types[0])
    if not states:
        return None
    tiles = exp.select("history").from_("events").where("kept").group_by("history", "event_at")
    merged = exp.select("history").group_by("history")
    for state in states:
        update = fill(sqlglot.parse_one(state.update, dialect="duckdb"), call, None)
        tiles = tiles.select(exp.func(state.merge, update, dialect="duckdb").as_(state.name))
        merged = merged.select(exp.func(state.merge, exp.column(state.name), dialect="duckdb").as_(state.name))
    final = sqlglot.parse_one(aggregation.finalise(call.argument_types[0]) or "", dialect="duckdb")
    final = exp.cast(final, exp.DataType.build(str(call.type), dialect="duckdb"))
    return exp.select("history", final).from_(merged.from_(tiles.subquery("tiles")).subquery("merged"))


CELLS = [
    pytest.param(aggregation, kind, id=f"{aggregation.name}-{kind}")
    for aggregation in ALL
    for kind in VALUES
    if aggregation.accepts(LogicalType.parse(kind))
]


def check(aggregation: Aggregation, kind: str, histories: Sequence[History], parameter: float) -> None:
    call = call_of(aggregation, kind, parameter)
    load(histories, kind)
    direct = answers_of(exp.select("history", lower_call(call, exp.column("kept"))).from_("events").group_by("history"))
    select = by_states(aggregation, call)
    stated = {} if select is None else answers_of(select)
    for number, history in enumerate(histories):
        expected = twin(aggregation.name, history, parameter)
        assert same(expected, direct[number]), f"SQL: {direct[number]!r}, oracle: {expected!r}, of {history}"
        fold = aggregation.fold(call.parameters)
        for e, k, x in history:
            fold.update(x, e, k)
        assert same(expected, fold.finalise()), f"fold: {fold.finalise()!r}, oracle: {expected!r}, of {history}"
        if number in stated:
            assert same(expected, stated[number]), f"states: {stated[number]!r}, oracle: {expected!r}, of {history}"


def constants_of(aggregation: Aggregation) -> tuple[float, ...]:
    return CONSTANTS.get(aggregation.name, (1, 2, 100)) if aggregation.parameters else (0,)


def test_every_function_of_the_specification_is_registered_and_has_a_twin() -> None:
    twins = oracle.OF_VALUES.keys() | oracle.COUNTS.keys()
    assert {aggregation.name for aggregation in ALL} == twins


@pytest.mark.parametrize("aggregation", ALL, ids=lambda aggregation: aggregation.name)
def test_it_is_documented(aggregation: Aggregation) -> None:
    assert len(aggregation.summary) > 20
    assert "ull of" in aggregation.summary or "0 where there is none" in aggregation.summary
    assert aggregation.spellings and all(spelling.isupper() for spelling in aggregation.spellings)


@pytest.mark.parametrize(("aggregation", "kind"), CELLS)
def test_it_agrees_with_the_oracle(aggregation: Aggregation, kind: str) -> None:
    values = VALUES[kind]
    whole = [(e, k, None if place is None else values[place % len(values)]) for e, k, place in FIXED]
    source = random.Random(f"{aggregation.name} {kind}")
    histories = [whole, whole[:1], whole[:2], [(1, 1, None)], [], *(history(source, values) for _ in range(60))]
    for parameter in constants_of(aggregation):
        check(aggregation, kind, histories, parameter)


def history(source: random.Random, values: Sequence[Any]) -> History:
    """Up to a dozen rows, few different instants."""
    rows = []
    for _ in range(source.randint(0, 12)):
        e = source.randint(0, 4)
        rows.append((e, e + source.randint(0, 2), source.choice([*values, *values, None])))
    return rows
