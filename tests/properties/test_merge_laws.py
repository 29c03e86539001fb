"""Partial aggregates may be merged in any grouping and order, and an empty one adds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance.test_aggregations import CELLS, VALUES, constants_of, twin
from tests.differential.compare import same
from tests.differential.test_engine_equals_oracle import QUIET

from fpc.aggregations import ALL, Aggregation, Fold

History = list[tuple[int, int, Any]]


def histories(kind: str) -> st.SearchStrategy[History]:
    value = st.one_of(st.sampled_from(VALUES[kind]), st.none())
    row = st.tuples(st.integers(0, 3), st.integers(0, 1), value)
    return st.lists(row.map(lambda r: (r[0], r[0] + r[1], r[2])), max_size=6)


def folded(aggregation: Aggregation, parameter: float, *parts: History) -> Fold:
    """A fold of each part, merged from left to right."""
    parameters = (parameter,) if aggregation.parameters else ()
    whole = aggregation.fold(parameters)
    for number, part in enumerate(parts):
        fold = aggregation.fold(parameters)
        for e, k, x in part:
            fold.update(x, e, k)
        if number == 0:
            whole = fold
        else:
            whole.merge(fold)
    return whole


@pytest.mark.parametrize(("aggregation", "kind"), CELLS)
def test_folds_merge_associatively_commutatively_and_with_an_identity(aggregation: Aggregation, kind: str) -> None:
    part = histories(kind)

    @settings(QUIET, max_examples=15, derandomize=True)
    @given(part, part, part, st.sampled_from(constants_of(aggregation)))
    def holds(a: History, b: History, c: History, parameter: float) -> None:
        expected = twin(aggregation.name, a + b + c, parameter)
        grouped = folded(aggregation, parameter, a)
        grouped.merge(folded(aggregation, parameter, b, c))
        answers = {
            "left to right": folded(aggregation, parameter, a, b, c).finalise(),
            "right first": grouped.finalise(),
            "reversed": folded(aggregation, parameter, c, b, a).finalise(),
            "with nothing": folded(aggregation, parameter, [], a, [], b, c, []).finalise(),
            "all at once": folded(aggregation, parameter, a + b + c).finalise(),
        }
        for how, answer in answers.items():
            assert same(expected, answer), f"{how}: {answer!r}, oracle: {expected!r}"

    holds()


def test_every_aggregation_is_held_to_the_laws() -> None:
    assert {cell.values[0] for cell in CELLS} == set(ALL)
