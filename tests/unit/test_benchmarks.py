"""Every benchmark runs, on little data, and what it found becomes a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import __main__ as command
from benchmarks import page, plots
from benchmarks.outcome import Finding, Outcome, Row
from benchmarks.settings import Settings
from benchmarks.suite import feast

pytest.importorskip("numba")
TINY = Settings("tiny", 1, 1)


@pytest.mark.parametrize("name", ["training", "refresh", "publish", "gate", "compiler"])
def test_a_benchmark_runs_and_keeps_its_figures(name: str, tmp_path: Path) -> None:
    command.measure(name, TINY, tmp_path / "results.json")
    kept = json.loads((tmp_path / "results.json").read_text())
    found = Outcome.from_json(kept["outcomes"][name])
    assert found.rows
    assert all(row.cpu_seconds > 0 and row.peak_bytes > 2**20 for row in found.rows)
    assert str(Path.cwd()) not in json.dumps(kept)


def test_feast_is_left_out_without_its_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(feast, "PYTHON", tmp_path / "none")
    assert feast.run(TINY, "duckdb") is None


def test_the_page_tells_what_was_missed_by_how_much_and_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    findings = (
        Finding("B1", "a slow thing", 3.0, "S", 1.5, why="it is slow"),
        Finding("B9", "a fast thing", 20.0, "x", 15, at_most=False),
    )
    outcome = Outcome(
        "training", "Training", "tiny", (Row("S: sort", 1, 1.0, 2.0, 2**20),), findings, 3.5, "2026-01-02 03:04 UTC"
    )
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"machine": {"processor": "one"}, "outcomes": {"training": outcome.to_json()}}))
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(page, "PLOTS", tmp_path / "plots")
    monkeypatch.setattr(plots, "draw", lambda *_: None)
    page.write(results)
    text = (tmp_path / "benchmarks.md").read_text()
    assert "3 S where ≤ 1.5 S was the goal, missed by a factor of 2. It is slow." in text
    assert "| B9 | a fast thing | 200 k events, 10 k spine rows | ≥ 15 x | 20 x | reached |" in text
    assert "- Not measured: `index`, `peers`," in text
    assert "- More than 2.5, so that wall times say little and ratios are rough: `training`." in text
    assert "- With steps that were run once, of which a ratio is ±20 %: `training`." in text


def test_a_run_of_all_leaves_no_old_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"machine": {}, "outcomes": {"gone": {}}, "notes": ["by hand"]}))
    outcome = Outcome("", "A title", "tiny", (), ())
    monkeypatch.setattr(command, "SUITE", {"training": lambda _: outcome, "feast": lambda _: None})
    monkeypatch.setattr("sys.argv", ["benchmarks", "--size", "tiny", "--no-page", "--results", str(results)])
    command.main()
    kept = json.loads(results.read_text())
    assert (sorted(kept), list(kept["outcomes"])) == (["machine", "outcomes"], ["training"])
    assert kept["outcomes"]["training"]["at"].endswith("UTC")
