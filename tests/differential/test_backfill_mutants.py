"""Wrong backfills must be found out by the comparison with the oracle, or by cutting their range."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest import mock

import pytest
from tests.differential.backfills import Backfill, check_history, digest, parts, span
from tests.differential.case import Case
from tests.differential.engine import Engine, Repository
from tests.differential.strategies import ROW, SPEC, case

from fpc.runtime.backfill import run
from fpc.runtime.backfill.compute import Task
from fpc.sql import history

#: A mutant that survives so many cases is alive.
BOUND = 40
EVENTS, ROWS = 24, 14


def nothing_leaves(stack: ExitStack) -> None:
    """The points at which events leave a window are not computed."""
    stack.enter_context(mock.patch.object(history, "visible_until", lambda view, window: None))


def opens_with_nothing(stack: ExitStack) -> None:
    """What stands when a history begins is not in it."""

    def closed(stretch: Any, window: Any, opens: bool, *others: Any) -> Task:
        return Task(stretch, window, False, *others)

    stack.enter_context(mock.patch.object(run, "Task", closed))


@pytest.mark.parametrize("mutant", [nothing_leaves, opens_with_nothing])
def test_a_wrong_backfill_is_found_out(engine: Engine, mutant: Callable[[ExitStack], None]) -> None:
    source = random.Random(mutant.__name__)
    for _ in range(BOUND):
        made = case(source.randbytes(SPEC + (EVENTS + ROWS) * ROW), EVENTS, ROWS)
        with ExitStack() as stack, Repository(made) as repository:
            mutant(stack)
            if _is_found_out(engine, repository, made):
                return
    pytest.fail(f"{mutant.__name__} is alive")


def _is_found_out(engine: Engine, repository: Repository, made: Case) -> bool:
    whole = span(made)
    points = [point for point in made.grid_points(8) if whole.start_us <= point < whole.end_us]
    try:
        at_once = Backfill(repository, "once.duckdb").fill([whole])
        check_history(engine, repository, whole, at_once, points)
        cut = Backfill(repository, "parts.duckdb").fill(parts(whole, random.Random(made.variant)))
        assert digest(cut) == digest(at_once)
    except AssertionError:
        return True
    return False
