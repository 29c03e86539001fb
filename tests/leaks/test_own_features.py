"""This repository's own features: each is proven, and answers the same in every future of made-up rows."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp
from tests.differential.case import instant

from fpc.leaks import Knowledge, prove
from fpc.model import analyse
from fpc.model.nodes import Closed, FeatureView, Source
from fpc.spec import load
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.types.logical import Kind

ROOT = Path(__file__).parents[2]
SPEC = load(ROOT).value
MODEL = analyse(SPEC).value
HOUR = 3_600_000_000
T = 1_378_512_000_000_000  # 2013-09-07T00:00Z
WORDS = ("completed", "cancelled", "departed", "landed", "north", "JFK", "AA", "1")
Row = dict[str, Any]


def event(source: Source, dice: random.Random, happened: int, known: int) -> Row:
    """One row of the source, of its columns' types; its key repeats, so that rows become versions."""
    row: Row = {}
    for column in source.columns:
        match column.type.kind:
            case Kind.TIMESTAMPTZ:
                row[column.name] = instant(happened + dice.randint(0, 48) * HOUR)
            case Kind.TIMESTAMP:
                row[column.name] = instant(happened).replace(tzinfo=None)
            case Kind.DATE:
                row[column.name] = date.fromtimestamp(happened // 1_000_000)
            case Kind.DECIMAL:
                row[column.name] = Decimal(dice.randint(0, 9_999)).scaleb(-2)
            case Kind.DOUBLE | Kind.REAL:
                row[column.name] = float(dice.randint(0, 40))
            case Kind.VARCHAR:
                row[column.name] = dice.choice(WORDS)
            case _:
                row[column.name] = dice.randint(1, 4)
        if column.name in source.unique_key and column.type.kind is not Kind.VARCHAR:
            row[column.name] = dice.randint(1, 60)
    if source.known_time is not None:
        row[source.known_time.column] = instant(known)
    if next(c for c in source.columns if c.name == source.event_time.column).type.kind is Kind.TIMESTAMPTZ:
        row[source.event_time.column] = instant(happened)
    return row


def rows(source: Source, seed: int, first: int) -> list[Row]:
    """Rows known before t, always the same; and behind them rows known from `first` on, other ones for each seed."""
    past, later = random.Random(source.name), random.Random(f"{source.name}{seed}")
    made = []
    for number in range(300):
        happened = T - past.randint(1, 24 * 40) * HOUR
        made.append(event(source, past, happened, past.randint(happened, T - 1) if number % 5 else T - 1))
    for _ in range(later.randint(60, 120)):
        # Without a known time a row is known when it happened; with one it may be late.
        behind = later.randint(0, 24 * 40) * HOUR if source.known_time is not None else 0
        known = first + later.choice((0, 1, HOUR, 30 * HOUR))
        made.append(event(source, later, known - behind if behind else known + 24 * HOUR, known))
    return made if seed else made[:300]


def values(view: FeatureView, made: list[Row]) -> list[tuple[Any, ...]]:
    """The view's table at t, in order."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("raw_rows", pa.Table.from_pylist(made))
        connection.execute(f"CREATE TABLE s AS {render(lower_staging(view.source, exp.to_table('raw_rows')))}")
        as_of = exp.cast(exp.Literal.string(instant(T).isoformat()), "timestamptz")
        found = connection.execute(render(lower_snapshot(view, exp.to_table("s"), as_of))).fetchall()
    return sorted(found, key=repr)


def test_every_feature_is_proven() -> None:
    knowledge = Knowledge.of(SPEC, MODEL)
    proofs = [prove(knowledge, view, output.name) for view in MODEL.views.values() for output in view.outputs]
    assert len(proofs) > 100
    assert [proof.name for proof in proofs if not proof.is_proven] == []


@pytest.mark.parametrize("view", MODEL.views.values(), ids=lambda view: view.name)
def test_no_future_changes_a_value(view: FeatureView) -> None:
    # Of a window that is closed at its end, a row known at t itself is no future.
    first = T if view.closed is Closed.LEFT else T + 1
    expected = values(view, rows(view.source, 0, first))
    assert expected
    for seed in (1, 2):
        assert values(view, rows(view.source, seed, first)) == expected
    shuffled = rows(view.source, 1, first)
    random.Random(1).shuffle(shuffled)
    assert values(view, shuffled) == expected
