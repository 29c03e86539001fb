"""Made-up specs that the prover accepts answer the same in every future: cut off, replaced, delayed, shuffled."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from tests.differential.case import Case
from tests.differential.engine import Engine, Repository
from tests.differential.strategies import cases
from tests.differential.test_engine_equals_oracle import QUIET
from tests.properties.test_later_rows_change_nothing import known_before

from fpc.leaks import Knowledge, prove
from fpc.spec import load


def futures(case: Case, t: int) -> list[Case]:
    """The case with other rows from t on: none, those of others, twice as many, and all rows in another order."""
    known = known_before(case, t)
    later = [place for place, before in enumerate(known) if not before]
    past = [place for place, before in enumerate(known) if before]
    spelled = [case.source[name] for name in ("event_time", "known_time") if name in case.source]
    times = {time["column"] if isinstance(time, dict) else time for time in spelled}
    swapped = list(case.rows)
    for place, other in zip(later, reversed(later), strict=True):
        kept = {name: value for name, value in case.rows[place].items() if name in times}
        swapped[place] = {**case.rows[other], **kept}
    order = list(range(len(case.rows)))
    random.Random(t).shuffle(order)
    return [
        replace(case, rows=[case.rows[place] for place in past]),
        replace(case, rows=swapped),
        replace(case, rows=[*case.rows, *(case.rows[place] for place in later)]),
        replace(case, rows=[case.rows[place] for place in order]),
    ]


def accepted(repository: Repository) -> bool:
    loaded = load(repository.root)
    knowledge = Knowledge.of(loaded.value, repository.model)
    return all(prove(knowledge, repository.view, name).is_proven for name in repository.outputs)


def test_no_future_changes_a_value_of_a_spec_that_is_proven() -> None:
    engine, proven = Engine(), 0

    @settings(QUIET, max_examples=40, derandomize=True)
    @given(cases())
    def check(case: Case) -> None:
        nonlocal proven
        t = case.spine[0][1]
        with Repository(case) as repository:
            if not accepted(repository):
                return
            proven += 1
            (expected,) = engine.snapshots(repository, [t])
            for other in futures(case, t):
                repository.case = other
                assert engine.snapshots(repository, [t])[0] == expected, case

    check()
    engine.connection.close()
    assert proven >= 30
