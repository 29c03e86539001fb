"""`fpc check` on features that are not in the registry yet, and on dates that it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine

SPECS = """\
source:
  name: payments
  description: Payments.
  owner: team:shop
  path: data/payments.parquet
  event_time: at
  columns: {user_id: bigint, at: timestamptz, score: double}
  append_only: true
---
entity: {name: payer, description: Who pays., owner: "team:shop", keys: {user_id: bigint}}
---
feature_view:
  name: payer_scores
  description: Scores.
  owner: team:shop
  entity: payer
  source: payments
  freshness: 1h
  features:
    - {name: total, sql: SUM(score), window: 7d}
    - {name: times, sql: COUNT(score), window: 7d}
"""
MEAN = "    - {name: mean, sql: AVG(score), window: 7d}\n"
GONE = "  deprecated: {since: 2023-06-01, remove_after: 2023-12-31, reason: counts tests}\n"


@pytest.fixture
def scores(fpc: CommandLine) -> Path:
    path = fpc.folder / "features" / "payer_scores.yml"
    path.write_text(SPECS)
    assert fpc("compile").code == 0
    return path


def derived(fpc: CommandLine, *options: str) -> list[str]:
    found = json.loads(fpc("check", "--format", "json", *options).out)["diagnostics"]
    return [one["message"] for one in found if one["code"] == "FPC0233"]


def test_a_new_feature_that_others_could_give_is_told_until_it_is_compiled(fpc: CommandLine, scores: Path) -> None:
    assert derived(fpc) == []
    scores.write_text(SPECS + MEAN)
    said = ["`payer_scores.mean` could be had from `payer_scores.total` and `payer_scores.times`"]
    assert derived(fpc) == said
    assert derived(fpc) == said  # from what the last check kept
    assert derived(fpc, "--no-cache") == said
    assert "under derived: `total / times`" in fpc("check").out
    assert fpc("compile").code == 0
    assert derived(fpc) == []


def test_nothing_is_told_of_a_view_that_is_new_altogether(fpc: CommandLine, scores: Path) -> None:
    scores.write_text(SPECS.replace("payer_scores", "other_scores") + MEAN)
    assert derived(fpc) == []


def test_a_check_judges_by_the_date_that_it_is_told(fpc: CommandLine, scores: Path) -> None:
    scores.write_text(SPECS + GONE)
    for day, due in (("2023-12-31", False), ("2024-01-01", True), ("2023-12-31", False)):
        done = fpc("check", "--today", day)
        assert ("FPC0604" in done.out) is due, day
    assert fpc("check", "--today", "yesterday").code == 2
