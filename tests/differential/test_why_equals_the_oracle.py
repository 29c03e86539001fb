"""`fpc why` puts each event of an entity where plain loops put it, and those that count make the value."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from tests.differential.case import Case
from tests.differential.compare import same
from tests.differential.engine import Repository
from tests.differential.strategies import cases
from tests.differential.test_engine_equals_oracle import QUIET
from tests.oracle import oracle

from fpc.sql import why as lowering
from fpc.sql.why import Rule
from fpc.why import Why, why

REFUSED = "refused"


def is_refused(case: Case, event: oracle.Event) -> bool:
    identity = [event.row[name] for name in case.view.unique_key]
    return None in (event.e, event.k, *identity) or event.k < event.e


def rule_of(
    case: Case, feature: oracle.Feature, call: oracle.Call, event: oracle.Event, latest: set[int], t: int
) -> Rule:
    """The class of one event that staging accepts, in the words of semantics.md."""
    e, k, row = event
    closed, end = case.view.closed, t - feature.offset
    start = -math.inf if feature.length is None else end - feature.length
    known = k < t or (k == t and closed != "left")
    if not known and "known_time" in case.source:
        return Rule.NOT_YET_KNOWN
    if known and id(event) not in latest:
        return Rule.SUPERSEDED
    if not case.view.where(row):
        return Rule.FILTERED_BY_VIEW
    if e > end or (e == end and closed == "left"):
        return Rule.TOO_LATE
    if e < start or (e == start and closed == "right"):
        return Rule.TOO_EARLY
    if not call.filter(row):
        return Rule.FILTERED_BY_CALL
    return Rule.NULL if call.argument(row) is None else Rule.COUNTED


def check_classes(case: Case, found: Why, entity: tuple[Any, ...], t: int) -> int:
    """Compare every class of every call with the loops'; how many rows were compared."""
    # A row that comes twice is two events, of which one may count.
    events = [oracle.Event(*event) for event in case.events]
    own = [event for event in events if tuple(event.row[name] for name in case.view.keys) == entity]
    accepted = [event for event in own if not is_refused(case, event)]
    assert sum(found.refused.values()) == len(own) - len(accepted)
    latest = {id(event) for event in oracle.versions(events, case.view, t)}
    compared = 0
    for made in found.features:
        feature = case.features[made.feature.name]
        assert same(case.exact(entity, t)[made.feature.name], made.value), case
        if len(made.calls) != len(feature.calls):
            continue  # the same call twice in one formula is one call
        # A formula may name its calls in another order than its SQL has them in.
        expected = [
            dict(Counter(rule_of(case, feature, call, event, latest, t) for event in accepted))
            for call in feature.calls
        ]
        for shown in made.calls:
            assert dict(shown.counts) in expected, f"{made.feature.name} of {entity} at {t}\n{case!r}"
            expected.remove(dict(shown.counts))
            assert Counter(row.rule for row in shown.rows) == shown.counts
            assert all(row.distance_us is None or row.distance_us >= 0 for row in shown.rows)
            compared += len(accepted)
    return compared


def check_case(case: Case) -> int:
    """Ask for one output at two rows of the spine; how many rows were compared."""
    compared = 0
    asked = [(entity, t) for entity, t in case.spine if None not in entity][:2]
    with Repository(case) as repository:
        for entity, t in asked:
            keys = dict(zip(case.keys, map(str, entity), strict=True))
            name = repository.outputs[case.variant % len(repository.outputs)]
            found = why(repository.model, repository.root, "v", name, keys, t, limit=10_000)
            assert same(case.exact(entity, t)[name], found.value), case
            compared += check_classes(case, found, entity, t)
    return compared


def test_every_event_is_in_the_class_of_the_oracle() -> None:
    compared = 0

    @settings(QUIET, max_examples=50, derandomize=True)
    @given(cases())
    def check(case: Case) -> None:
        nonlocal compared
        compared += check_case(case)

    check()
    assert compared > 100


@pytest.mark.parametrize("forgotten", [rule for rule in Rule if rule is not Rule.COUNTED])
def test_a_rule_that_is_forgotten_is_noticed(forgotten: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lowering._refusals
    monkeypatch.setattr(
        lowering, "_refusals", lambda *given: (pair for pair in whole(*given) if pair[1] is not forgotten)
    )

    @settings(QUIET, max_examples=60, derandomize=True, phases=(Phase.generate,))
    @given(cases())
    def check(case: Case) -> None:
        check_case(case)

    with pytest.raises(AssertionError):
        check()
