"""A row that became known later changes nothing: neither a training set, nor a refresh, at any earlier instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from tests.differential.case import Case
from tests.differential.engine import Engine, Repository, Strategy
from tests.differential.strategies import cases
from tests.differential.test_engine_equals_oracle import QUIET

from fpc.model.nodes import Mode


def known_before(case: Case, t: int) -> list[bool]:
    """Of each row: whether the boundary rule lets it be known at t. A row without times is known to nobody."""
    closed = case.view.closed
    times = [event.k if event.e is not None else None for event in case.events]
    return [k is not None and (k < t or (k == t and closed != "left")) for k in times]


def kept(case: Case, which: Sequence[bool]) -> Case:
    """The case with these of its rows alone."""
    rows = [row for row, keep in zip(case.rows, which, strict=True) if keep]
    events = [event for event, keep in zip(case.events, which, strict=True) if keep]
    return replace(case, rows=rows, events=events)


def at_one_instant(case: Case) -> Case:
    """The case with a spine of all its entities at the time of its first row."""
    t = case.spine[0][1]
    return replace(case, spine=[(entity, t) for entity in case.entities()])


@settings(QUIET, max_examples=40, derandomize=True)
@given(cases())
def test_rows_that_were_known_later_change_nothing(engine: Engine, made: Case) -> None:
    case = at_one_instant(made)
    t = case.spine[0][1]
    before = kept(case, known_before(case, t))
    strategy = case.how(Strategy, 2)
    with Repository(case) as whole, Repository(before) as past:
        assert whole.model == past.model
        tables = [engine.training_table(each, Mode.EXACT, case.spine, strategy) for each in (whole, past)]
        assert tables[0].equals(tables[1]), f"{tables[0].to_pylist()}\n{tables[1].to_pylist()}\n{case!r}"
        refreshed, earlier = (engine.snapshots(each, [t])[0] for each in (whole, past))
        assert refreshed == earlier


@settings(QUIET, max_examples=20, derandomize=True)
@given(cases())
def test_the_order_and_repetition_of_spine_rows_change_nothing(engine: Engine, case: Case) -> None:
    strategy = case.how(Strategy, 2)
    places = [*range(len(case.spine) - 1, -1, -1), *range(0, len(case.spine), 2)]
    with Repository(case) as repository:
        for mode in Mode:
            plain = engine.training_table(repository, mode, case.spine, strategy)
            moved = engine.training_table(repository, mode, [case.spine[place] for place in places], strategy)
            assert moved.equals(plain.take(places)), case


@settings(QUIET, max_examples=20, derandomize=True)
@given(cases())
def test_the_order_of_rows_changes_nothing(engine: Engine, case: Case) -> None:
    strategy = case.how(Strategy, 2)
    reversed_case = replace(case, rows=case.rows[::-1], events=case.events[::-1])
    with Repository(case) as repository, Repository(reversed_case) as other:
        for mode in Mode:
            tables = [engine.training_table(each, mode, case.spine, strategy) for each in (repository, other)]
            assert tables[0].equals(tables[1]), case
        instants = case.refreshes()
        assert engine.snapshots(repository, instants) == engine.snapshots(other, instants)
