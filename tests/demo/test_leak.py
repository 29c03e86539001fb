"""The page on leaking joins: its script still finds what the page says, and its figures are those of a real run."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "flights.md"


@pytest.fixture(scope="module")
def leak() -> ModuleType:
    spec = importlib.util.spec_from_file_location("leak", ROOT / "docs" / "flights" / "leak.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["leak"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not (ROOT / "data" / "flights").exists(), reason="run `make data`")
def test_a_leak_promises_more_and_delivers_less(leak: ModuleType) -> None:
    features = ["plane_arrivals.last_arrival_delay", "airport_departures.dep_delay_avg_1h"]
    timetable, honest, unknown, itself = leak.measure(features, every=15)
    assert honest.pretended_auc == honest.served_auc > timetable.served_auc
    assert unknown.pretended_auc > honest.pretended_auc
    assert unknown.served_auc < honest.served_auc
    assert itself.pretended_auc > 0.999
    assert itself.served_auc < 0.6


def test_the_page_shows_the_figures_of_the_last_run(leak: ModuleType) -> None:
    scores = [leak.Score(**score) for score in json.loads((ROOT / "docs" / "flights" / "leak.json").read_text())]
    assert leak.as_table(scores) in PAGE.read_text()
    assert (ROOT / "docs" / "flights" / "leak.png").exists()
