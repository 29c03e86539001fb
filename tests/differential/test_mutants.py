"""The differential tests are worth something only while they notice: each of these wrong engines must be found out.

A mutant patches the compiler in memory, in one idea, and both paths that the idea touches must then differ from the
oracle within a bounded number of cases.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import pytest
from sqlglot import exp
from tests.differential.case import Case
from tests.differential.check import check_snapshots, check_training
from tests.differential.engine import Engine, Repository
from tests.differential.strategies import ROW, SPEC, case

from fpc.model.nodes import Closed, Feature, FeatureView, Source, Window
from fpc.plan import visibility
from fpc.plan.visibility import Edges
from fpc.sql import events, features, snapshot, staging
from fpc.sql.training import calls as training_calls
from fpc.sql.training import lower as training_lower
from fpc.types.duration import Duration

#: A mutant that survives so many cases is alive.
BOUND = 150
EVENTS, ROWS = 24, 14

Patch = Callable[[ExitStack], None]


@dataclass(frozen=True)
class Mutant:
    """A wrong engine: what is wrong, how to make it so, and which paths must notice."""

    name: str
    patch: Patch
    paths: tuple[str, ...] = ("training", "refresh")


def everywhere(stack: ExitStack, original: Any, replacement: Any) -> None:
    """Replace a function in every module that has it by name."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("fpc.", "tests.differential.engine")):
            for name, held in list(vars(module).items()):
                if held is original:
                    stack.enter_context(mock.patch.object(module, name, replacement))


def edges(change: Callable[[Edges, Window, Closed], Edges]) -> Patch:
    """Every window's edges, changed."""
    original = visibility.edges_of

    def patch(stack: ExitStack) -> None:
        everywhere(stack, original, lambda window, closed: change(original(window, closed), window, closed))

    return patch


def view(change: Callable[[FeatureView], FeatureView]) -> Patch:
    """Every view, changed before it is lowered."""
    lower_view, lower_snapshot = training_lower.lower_view, snapshot.lower_snapshot

    def patch(stack: ExitStack) -> None:
        everywhere(stack, lower_view, lambda v, *rest, **more: lower_view(change(v), *rest, **more))
        everywhere(stack, lower_snapshot, lambda v, *rest: lower_snapshot(change(v), *rest))

    return patch


def feature(change: Callable[[Feature], Feature]) -> Patch:
    """Every feature, changed before its view is lowered."""
    return view(lambda of: replace(of, features=tuple(map(change, of.features))))


def staged(change: Callable[[Source, exp.Select], exp.Select]) -> Patch:
    """The staged relation, changed."""
    original = staging.lower_staging

    def patch(stack: ExitStack) -> None:
        everywhere(stack, original, lambda source, relation: change(source, original(source, relation)))

    return patch


def versions_ordered(order: Callable[[list[exp.Ordered]], list[exp.Ordered]]) -> Patch:
    """Another order of an event's versions."""

    def change(_: Source, select: exp.Select) -> exp.Select:
        for window in select.find_all(exp.Window):
            by = window.args["order"]
            by.set("expressions", order(by.expressions))
        return select

    return staged(change)


def descending(order: list[exp.Ordered]) -> list[exp.Ordered]:
    return [exp.Ordered(this=part.this, desc=not part.args.get("desc"), nulls_first=False) for part in order]


def filtered_first(stack: ExitStack) -> None:
    """The view's filter is applied to rows, and versions are chosen among those that are left."""
    original, entered = staging.lower_staging, Repository.__enter__
    wheres: list[exp.Expr | None] = [None]

    def remember(repository: Repository) -> Repository:
        wheres[0] = repository.view.where
        return entered(repository)

    def lower(source: Source, relation: exp.Expr) -> exp.Select:
        select = original(source, relation)
        for cte in select.ctes:
            if cte.alias == "accepted" and wheres[0] is not None:
                cte.this.where(exp.Paren(this=wheres[0].copy()), copy=False)
        return select

    stack.enter_context(mock.patch.object(Repository, "__enter__", remember))
    everywhere(stack, original, lower)


def known_rule_dropped(stack: ExitStack) -> None:
    """An event counts from when it happened."""
    dropped = staged(_known_is_event)
    dropped(stack)


def _known_is_event(source: Source, select: exp.Select) -> exp.Select:
    """Of sources without versions: `known_at` is said to be `event_at`."""
    if source.unique_key or source.known_time is None:
        return select
    outer = exp.select(exp.Star(except_=[exp.to_identifier("known_at")]), exp.column("event_at").as_("known_at"))
    return outer.from_(select.subquery("honest"))


def accepting_everything(stack: ExitStack) -> None:
    """Rows that were known before they happened are used."""
    original = staging._accepted

    def accepted(source: Source) -> Iterator[exp.Expr]:
        return (condition for condition in original(source) if not isinstance(condition, exp.GTE))

    stack.enter_context(mock.patch.object(staging, "_accepted", accepted))


def defaulting_zero(stack: ExitStack) -> None:
    """A default replaces a zero too."""
    original = features._default

    def default(value: exp.Expr, of: exp.Expr | None) -> exp.Expr:
        found = original(value, of)
        if of is None:
            return found
        text = exp.cast(value.copy(), "varchar")
        is_zero = exp.In(this=text, expressions=[exp.Literal.string(zero) for zero in ("0", "0.0", "0.00")])
        return exp.Case().when(is_zero, of.copy()).else_(found)

    everywhere(stack, original, default)


def null_key_kept(stack: ExitStack) -> None:
    """A row without an entity is a row of the entity null."""

    def conditions(of: FeatureView) -> Iterator[exp.Expr]:
        return iter(() if of.where is None else (of.where.copy(),))

    everywhere(stack, events.conditions_of, conditions)


def nothing_is_null(stack: ExitStack) -> None:
    """A count over nothing is null."""
    stack.enter_context(mock.patch.object(training_calls.Call, "value_of_nothing", None))


def without_filter(of: Feature) -> Feature:
    return replace(of, aggregates=tuple(replace(call, filter=None) for call in of.aggregates))


MUTANTS = (
    Mutant("the start of a window is open", edges(lambda e, w, c: replace(e, start_closed=False))),
    Mutant("the start of a window is closed", edges(lambda e, w, c: replace(e, start_closed=True))),
    Mutant("an event at the instant counts", edges(lambda e, w, c: replace(e, end_closed=True))),
    Mutant("an event at the instant never counts", edges(lambda e, w, c: replace(e, end_closed=False))),
    Mutant("the boundary rule is that of `left`", view(lambda v: replace(v, closed=Closed.LEFT))),
    Mutant("a window has no start", edges(lambda e, w, c: replace(e, reach=None))),
    Mutant(
        "a lifetime ends after a while", edges(lambda e, w, c: replace(e, reach=e.reach or 4 * 60_000_000 + e.offset))
    ),
    Mutant("the offset is ignored", feature(lambda f: replace(f, window=Window(f.window.length)))),
    Mutant(
        "the offset moves the end alone",
        edges(lambda e, w, c: replace(e, reach=None if e.reach is None else e.reach - e.offset)),
    ),
    Mutant("late rows count from when they happened", known_rule_dropped),
    Mutant("the oldest version counts", versions_ordered(descending)),
    Mutant("ties of versions are not decided", versions_ordered(lambda order: order[:1])),
    Mutant("ties of versions ignore the event time", versions_ordered(lambda order: [order[0], *order[2:]])),
    Mutant("the filter comes before the version", filtered_first),
    Mutant("equal rows count once", staged(lambda source, select: select.distinct())),
    Mutant("rows known before they happened count", accepting_everything),
    Mutant("the view's filter is forgotten", view(lambda v: replace(v, where=None))),
    Mutant("a call's filter is forgotten", feature(without_filter)),
    Mutant("a default replaces zero", defaulting_zero),
    Mutant("defaults are forgotten", feature(lambda f: replace(f, default=None))),
    Mutant("a row without an entity is kept", null_key_kept, ("refresh",)),
    Mutant("a count over nothing is null", nothing_is_null, ("training",)),
    Mutant("the delay is ignored", view(lambda v: replace(v, delay=Duration(0))), ("training",)),
    Mutant("values never expire", view(lambda v: replace(v, online_ttl=None)), ("training",)),
)
CHECKS = {"training": check_training, "refresh": check_snapshots}


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    with ExitStack() as stack:
        mutant.patch(stack)
        yield


def made(seed: int) -> Case:
    return case(random.Random(seed).randbytes(SPEC + (EVENTS + ROWS) * ROW), EVENTS, ROWS)


def killed(engine: Engine, path: str) -> bool:
    """Whether the path differs from the oracle in one of the first cases."""
    for seed in range(BOUND):
        with Repository(made(seed)) as repository:
            try:
                CHECKS[path](engine, repository)
            except AssertionError:
                return True
    return False


@pytest.mark.parametrize(
    ("mutant", "path"),
    [pytest.param(mutant, path, id=f"{mutant.name}, {path}") for mutant in MUTANTS for path in mutant.paths],
)
def test_it_is_found_out(engine: Engine, mutant: Mutant, path: str) -> None:
    with mutated(mutant):
        assert killed(engine, path), f"nothing notices that {mutant.name} in {BOUND} cases"
