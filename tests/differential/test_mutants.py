"""The differential tests are worth something only while they notice: each of these wrong engines must be found out.

A mutant patches the compiler in memory, in one idea, and both paths that the idea touches must then differ from the
oracle within a bounded number of cases.
"""

from __future__ import annotations

import itertools
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
from tests.differential.check import check_carried, check_snapshots, check_training
from tests.differential.engine import Engine, Repository
from tests.differential.story import tell
from tests.differential.strategies import ROW, SPEC, case
from tests.servers import Server

from fpc.model.nodes import Closed, Feature, FeatureView, Mode, Source, Window
from fpc.plan import visibility
from fpc.plan.visibility import Edges
from fpc.runtime.online import OnlineStore
from fpc.runtime.publish import statements
from fpc.runtime.publish.table import ViewTable
from fpc.runtime.quoting import quoted
from fpc.sql import advance, events, features, snapshot, staging
from fpc.sql.training import calls as training_calls
from fpc.sql.training import lower as training_lower
from fpc.types.duration import Duration

#: A mutant that survives so many cases in which it matters is alive.
BOUND = 100
EVENTS, ROWS = 24, 14

Patch = Callable[[ExitStack], None]


@dataclass(frozen=True)
class Mutant:
    """A wrong engine: what is wrong, how to make it so, which paths must notice, and of what cases they can."""

    name: str
    patch: Patch
    paths: tuple[str, ...] = ("training", "refresh")
    matters: Callable[[Case], bool] = lambda case: True


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


def default_not_marked(stack: ExitStack) -> None:
    """A default stands in a null's place, and nothing says so."""
    stack.enter_context(mock.patch.object(features, "is_null", lambda _: exp.false()))


def packed_with_defaults(stack: ExitStack) -> None:
    """Online rows hold a default as if it were computed."""
    stack.enter_context(mock.patch.object(statements, "_packed", lambda feature: quoted(feature.name)))


def null_key_kept(stack: ExitStack) -> None:
    """A row without an entity is a row of the entity null."""

    def conditions(of: FeatureView) -> Iterator[exp.Expr]:
        return iter(() if of.where is None else (of.where.copy(),))

    everywhere(stack, events.conditions_of, conditions)


def method(owner: Any, name: str, replacement: Any) -> Patch:
    """One attribute, replaced."""
    return lambda stack: stack.enter_context(mock.patch.object(owner, name, replacement))


def entering_by_event_time(stack: ExitStack) -> None:
    """What was known already at the previous refresh is told by when it happened."""
    original = Edges.is_known

    def is_known(edges: Edges, known: exp.Expr, as_of: exp.Expr) -> exp.Expr:
        if as_of.name == "__since__":
            return edges.before_end(exp.column("event_at"), as_of)
        return original(edges, known, as_of)

    stack.enter_context(mock.patch.object(Edges, "is_known", is_known))


def nothing_is_null(stack: ExitStack) -> None:
    """A count over nothing is null."""
    stack.enter_context(mock.patch.object(training_calls.Call, "value_of_nothing", None))


def without_filter(of: Feature) -> Feature:
    return replace(of, aggregates=tuple(replace(call, filter=None) for call in of.aggregates))


CARRIED, BOTH = ("carried",), ("training", "refresh")


def has_versions(of: Case) -> bool:
    return "unique_key" in of.source and len(of.events) > 8


def has_late_versions(of: Case) -> bool:
    return has_versions(of) and "known_time" in of.source


def is_late(of: Case) -> bool:
    return "known_time" in of.source and "unique_key" not in of.source


def is_served(of: Case) -> bool:
    return of.delay > 0 and of.how(Mode) is Mode.AS_SERVED


def expires(of: Case) -> bool:
    return of.ttl is not None and of.how(Mode) is Mode.AS_SERVED


def has_filtered_versions(of: Case) -> bool:
    return has_versions(of) and "where" in of.view_spec


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
    Mutant("late rows count from when they happened", known_rule_dropped, BOTH, is_late),
    Mutant("the oldest version counts", versions_ordered(descending), BOTH, has_versions),
    Mutant("ties of versions are not decided", versions_ordered(lambda order: order[:1]), BOTH, has_versions),
    Mutant(
        "ties of versions ignore the event time",
        versions_ordered(lambda order: [order[0], *order[2:]]),
        BOTH,
        has_late_versions,
    ),
    Mutant("the filter comes before the version", filtered_first, BOTH, has_filtered_versions),
    Mutant("equal rows count once", staged(lambda source, select: select.distinct())),
    Mutant("rows known before they happened count", accepting_everything, BOTH, is_late),
    Mutant("the view's filter is forgotten", view(lambda v: replace(v, where=None))),
    Mutant("a call's filter is forgotten", feature(without_filter)),
    Mutant("a default replaces zero", defaulting_zero),
    Mutant("defaults are forgotten", feature(lambda f: replace(f, default=None))),
    Mutant("defaults are not marked", default_not_marked, ("refresh", "carried")),
    Mutant("a row without an entity is kept", null_key_kept, ("refresh",)),
    Mutant("a count over nothing is null", nothing_is_null, ("training",)),
    Mutant(
        "what leaves a window is not taken off", method(advance, "_leaving", lambda *_: iter((exp.false(),))), CARRIED
    ),
    Mutant("late rows are not added", entering_by_event_time, CARRIED),
    Mutant("the delay is ignored", view(lambda v: replace(v, delay=Duration(0))), ("training",)),
    Mutant("values never expire", view(lambda v: replace(v, online_ttl=None)), ("training",)),
)
CHECKS = {"training": check_training, "refresh": check_snapshots, "carried": check_carried}
#: Those that are about publishing.
ONLINE_MUTANTS = (
    Mutant("what has changed is not pushed", method(ViewTable, "pending_rows", lambda table, stamp: iter(()))),
    Mutant("defaults are packed as values", packed_with_defaults),
    Mutant("entities that are gone stay", method(ViewTable, "removed_rows", lambda table, stamp, gone: iter(()))),
)


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    with ExitStack() as stack:
        mutant.patch(stack)
        yield


def made(seed: int) -> Case:
    return case(random.Random(seed).randbytes(SPEC + (EVENTS + ROWS) * ROW), EVENTS, ROWS)


def killed(engine: Engine, path: str, mutant: Mutant) -> bool:
    """Whether the path differs from the oracle in one of the first cases for which the mutant matters."""
    cases = (made(seed) for seed in itertools.count())
    for concerned in itertools.islice(filter(mutant.matters, cases), BOUND):
        with Repository(concerned) as repository:
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
        assert killed(engine, path, mutant), f"nothing notices that {mutant.name} in {BOUND} cases"


@pytest.mark.parametrize("mutant", ONLINE_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_publisher_is_found_out(store: OnlineStore, valkey_server: Server, mutant: Mutant) -> None:
    plan = [("publish", 0), ("publish", 0), ("lose", 0), ("publish", 0), ("crash", 9), ("publish", 0), ("older", 0)]
    with mutated(mutant):
        for seed in range(BOUND):
            try:
                tell(made(seed), plan, store, valkey_server)
            except AssertionError:
                return
    raise AssertionError(f"nothing notices that {mutant.name} in {BOUND} cases")
