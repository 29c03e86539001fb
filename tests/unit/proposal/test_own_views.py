"""Examples for this repository's own views: each fails with just the mistakes that it is said to notice."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.leaks.test_own_features import MODEL, T, rows

from fpc.examples import run_examples
from fpc.model.nodes import Example, FeatureView, FileLocation
from fpc.proposal.mutants import Mutant
from fpc.proposal.propose import propose

VIEWS = sorted(MODEL.views)
#: Each tries a view with all that is proposed for it; with `--cases 20000`, every view is.
_A_FEW = 2
_MISTAKES = 6


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    every = int(str(metafunc.config.getoption("--cases"))) >= 20_000
    chosen = VIEWS if every else random.Random(metafunc.config.getoption("--first-seed")).sample(VIEWS, _A_FEW)
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", chosen)


def passes(view: FeatureView, mistake: Mutant, example: Example) -> bool:
    """Whether the example passes as `fpc test` runs it, when somebody makes the mistake."""
    wrong = replace(mistake.applied(view), examples=(example,))
    return all(result.passed for result in run_examples(replace(MODEL, views={view.name: wrong})))


def test_an_example_fails_with_what_it_notices_and_with_nothing_else(name: str, tmp_path: Path) -> None:
    view = replace(MODEL.views[name], examples=())
    assert isinstance(view.source.location, FileLocation)
    place = tmp_path / view.source.location.path.replace("*", "rows")
    place.parent.mkdir(parents=True)
    table = pa.Table.from_pylist(rows(view.source, 1, T))
    parquet.write_table(table, place)
    made = propose(replace(MODEL, views={name: view}), tmp_path, name, most=2)
    found, tried = made.score
    assert made.examples and found >= tried / 3
    dice = random.Random(name)
    for example, noticed in zip(made.examples, made.noticed, strict=True):
        assert all(
            result.passed for result in run_examples(replace(MODEL, views={name: replace(view, examples=(example,))}))
        )
        for mistake in dice.sample(noticed, min(_MISTAKES, len(noticed))):
            assert not passes(view, mistake, example), f"{name}: {mistake} is not noticed"
        for mistake in dice.sample(made.unnoticed, min(_MISTAKES, len(made.unnoticed))):
            assert passes(view, mistake, example), f"{name}: {mistake} is noticed after all"
