"""The comparison of a case's answers with the oracle's, and how a difference is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest import mock

from tests.differential.case import Case, instant
from tests.differential.compare import same
from tests.differential.engine import Engine, Repository, Strategy

from fpc.model.nodes import Mode
from fpc.plan import advance


class DifferenceError(AssertionError):
    """One cell in which a path and the oracle differ, with the whole case."""


def check_training(engine: Engine, repository: Repository) -> int:
    """The training set in one mode, by one strategy, against the oracle; the number of cells compared."""
    case, cells = repository.case, 0
    mode, strategy, shards = case.how(Mode), case.how(Strategy, 2), 1 + case.variant // 8
    answers = engine.training(repository, mode, case.spine, strategy, shards=shards)
    for (entity, t), row in zip(case.spine, answers, strict=True):
        expected = case.exact(entity, t) if mode is Mode.EXACT else case.as_served(entity, t)
        cells += check_row(case, f"training set, {mode.value}, {strategy.value}", entity, t, expected, row)
    return cells


def check_snapshots(engine: Engine, repository: Repository) -> int:
    """Refreshes at some grid points against the oracle, for every entity known or unknown to them."""
    case, cells = repository.case, 0
    for snapshot in engine.snapshots(repository, case.refreshes()):
        for entity in case.entities(snapshot.table):
            expected = case.refreshed(entity, snapshot.at)
            cells += check_row(case, "refresh", entity, snapshot.at, expected, snapshot.answer(entity))
    return cells


def check_carried(engine: Engine, repository: Repository) -> int:
    """Refreshes carried forward from one grid point to the next against the oracle, whatever the view's reach."""
    case, cells = repository.case, 0
    with mock.patch.object(advance, "_WORTH_IT_MICROSECONDS", 0), mock.patch.object(advance, "_WORTH_IT_REFRESHES", 0):
        if not advance.advances(repository.view):
            return 0
    for snapshot in engine.carried(repository, case.grid_points(6)):
        for entity in case.entities(snapshot.table):
            expected = case.refreshed(entity, snapshot.at)
            cells += check_row(case, "refresh carried forward", entity, snapshot.at, expected, snapshot.answer(entity))
    return cells


def check_row(
    case: Case, path: str, entity: tuple[Any, ...], t: int, expected: Mapping[str, Any], found: Mapping[str, Any]
) -> int:
    """Raise on the first cell that differs; how many there are."""
    assert list(found) == list(expected), f"columns {list(found)}, not {list(expected)}"
    for name, value in expected.items():
        if not same(value, found[name]):
            raise DifferenceError(
                f"\n{path}: `{name}` of {entity} at {instant(t).isoformat()}"
                f"\n    expected {value!r}\n    found    {found[name]!r}\n{case!r}"
            )
    return len(expected)
