"""Versions that share their event time, as `immutable` declares: values are the oracle's, and a lie is found out."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlglot import exp
from tests.differential.case import Case
from tests.differential.check import DifferenceError, check_row, check_snapshots
from tests.differential.engine import Engine, Repository
from tests.differential.test_mutants import has_versions, made
from tests.oracle.oracle import Event

from fpc.model.nodes import Mode
from fpc.plan.versions import shared_columns
from fpc.sql.staging import lower_changed
from fpc.sql.text import render

CASES = 15


def event_column(of: Case) -> str:
    named = of.source["event_time"]
    return str(named["column"] if isinstance(named, dict) else named)


def declared(of: Case) -> Case:
    """The case, whose source says that event times never change."""
    return replace(of, source={**of.source, "immutable": [event_column(of)]})


def settled(of: Case) -> Case:
    """The case with the rows of each key moved to the event time of the first of them."""
    column, has_known_time = event_column(of), "known_time" in of.source
    first: dict[tuple[Any, ...], tuple[Any, Event]] = {}
    rows, events = [], []
    for row, event in zip(of.rows, of.events, strict=True):
        if event.e is not None:
            stored, seen = first.setdefault(key_of(of, event), (row[column], event))
            row = {**row, column: stored}
            event = Event(seen.e, event.k if has_known_time else seen.e, {**event.row, "ts": seen.row["ts"]})
        rows.append(row)
        events.append(event)
    return replace(of, rows=rows, events=events)


def key_of(of: Case, event: Event) -> tuple[Any, ...]:
    return tuple(event.row[name] for name in of.view.unique_key)


def versioned() -> Iterator[Case]:
    return filter(has_versions, map(made, itertools.count()))


def test_refreshes_and_training_sets_equal_the_oracle(engine: Engine) -> None:
    compared = 0
    for case in map(declared, map(settled, itertools.islice(versioned(), CASES))):
        with Repository(case) as repository:
            assert shared_columns(repository.view.source) == ("event_at",)
            compared += check_snapshots(engine, repository)
            answers = engine.training(repository, Mode.EXACT, case.spine)
            for (entity, t), row in zip(case.spine, answers, strict=True):
                compared += check_row(case, "training set", entity, t, case.exact(entity, t), row)
    assert compared > 0


def test_where_event_times_change_the_values_are_others(engine: Engine) -> None:
    """Else the test above could not fail."""
    with pytest.raises(DifferenceError):
        for case in map(declared, itertools.islice(versioned(), CASES)):
            with Repository(case) as repository:
                check_snapshots(engine, repository)


def test_the_keys_whose_event_times_change_are_found(engine: Engine) -> None:
    found = 0
    for case in map(declared, itertools.islice(versioned(), CASES)):
        times: dict[tuple[Any, ...], set[int]] = defaultdict(set)
        for event in case.events:
            key = key_of(case, event)
            if event.e is not None and event.k is not None and event.k >= event.e and None not in key:
                times[key].add(event.e)
        with Repository(case) as repository, engine.session() as session:
            session.register("raw_rows", repository.raw())
            query = render(lower_changed(repository.view.source, exp.to_table("raw_rows")))
            rows = session.execute(query).fetchall()
        width = len(case.view.unique_key)
        assert {row[:width] for row in rows} == {key for key, seen in times.items() if len(seen) > 1}, case
        found += len(rows)
    assert found > 0
