"""What binds a promise of freshness: the schedule, the source's lateness, the delay, or how long refreshes take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fpc.cli.past_freshness import past_freshness, usual_duration
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.pipeline import check_repository
from fpc.rules.freshness_out_of_reach import binding
from fpc.types.duration import Duration

CONFIG = """
name: shop
defaults: {owner: "team:shop"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
"""
SPECS = """
source:
  name: visits
  description: Visits.
  path: data/visits.parquet
  event_time: at
  known_time: loaded_at
  SOURCE
  columns: {user_id: bigint, at: timestamptz, loaded_at: timestamptz}
---
entity: {name: user, description: A person., keys: {user_id: bigint}}
---
feature_view:
  name: visits_of_user
  description: How often.
  entity: user
  source: visits
  VIEW
  features:
    - {name: visits_7d, sql: COUNT(*), window: 7d}
"""
MINUTE = 60_000_000


def found(root: Path, view: str, source: str = "timezone: UTC") -> list[Diagnostic]:
    write(root, view, source)
    return [one for one in check_repository(root).diagnostics if one.code == "FPC0319"]


def write(root: Path, view: str, source: str = "timezone: UTC") -> None:
    (root / "features").mkdir(exist_ok=True)
    (root / "fpc.yml").write_text(CONFIG)
    text = SPECS.replace("SOURCE", source).replace("VIEW", view.replace("; ", "\n  "))
    (root / "features" / "specs.yml").write_text(text)


@pytest.mark.parametrize(
    ("view", "source", "words"),
    [
        ("freshness: 1h", "max_lateness: 2h", "rows of source `visits` come up to 2h late"),
        (
            "freshness: 1h; delay: 20m",
            "max_lateness: 41m",
            "rows of source `visits` come up to 41m late, and its values are published 20m after their instant",
        ),
        ("freshness: 1h; delay: 61m", "timezone: UTC", "its values are published 61m after their instant"),
        (
            "freshness: 1h; delay: 41m",
            "max_lateness: 20m",
            "its values are published 41m after their instant, and rows of source `visits` come up to 20m late",
        ),
        (
            'freshness: 1h; schedule: "0 8-18 * * *"',
            "max_lateness: 1m",
            "its schedule leaves up to 14h between two refreshes",
        ),
    ],
)
def test_the_binding_constraint_is_named(tmp_path: Path, view: str, source: str, words: str) -> None:
    (one,) = found(tmp_path, view, source)
    assert one.message == "view `visits_of_user` cannot be 1h fresh, as it promises"
    assert one.label is not None and one.label.text == words
    line = (tmp_path / "features" / "specs.yml").read_text().splitlines()[one.label.span.line - 1]
    assert line.strip() == "freshness: 1h"
    assert one.help


@pytest.mark.parametrize(
    ("view", "source"),
    [
        ("freshness: 1h", "max_lateness: 1h"),
        ("freshness: 1h; delay: 20m", "max_lateness: 40m"),
        ("freshness: 1h; delay: 1h", "timezone: UTC"),
        ('freshness: 1h; schedule: "30 * * * *"', "timezone: UTC"),
        ('schedule: "0 8 * * *"', "max_lateness: 2d"),
    ],
)
def test_a_promise_that_can_just_be_kept_or_was_not_made_is_not_reported(
    tmp_path: Path, view: str, source: str
) -> None:
    assert found(tmp_path, view, source) == []


def test_past_refreshes_bind_once_there_are_enough_of_them(tmp_path: Path) -> None:
    write(tmp_path, "freshness: 1h; delay: 10m", "max_lateness: 30m")
    folder = tmp_path / ".fpc" / "refreshes" / "dev"
    folder.mkdir(parents=True)

    def recorded(*minutes: int) -> tuple[Diagnostic, ...]:
        refreshes = [
            {"as_of_us": at, "outcome": "published", "ended_us": 1 + took * MINUTE, "started_us": 1, "failed_tests": []}
            for at, took in enumerate(minutes)
        ]
        (folder / "visits_of_user.json").write_text(json.dumps({"last": refreshes[0], "published": refreshes}))
        checked = check_repository(tmp_path)
        assert not checked.diagnostics
        return past_freshness(tmp_path, checked.value)

    assert recorded(40, 40) == ()
    assert recorded(30, 30, 30) == ()
    (one,) = recorded(31, 20, 20)
    assert one.code == "FPC0319"
    assert one.label is not None
    assert one.label.text == "its refreshes take 31m, and rows of source `visits` come up to 30m late"
    # One of ten may be slow.
    assert recorded(31, *[20] * 9) == ()
    assert len(recorded(31, 31, *[20] * 8)) == 1
    # What took long once is forgotten.
    assert recorded(*[20] * 20, *[90] * 20) == ()


def test_a_refresh_that_outlasts_its_turn_binds(tmp_path: Path) -> None:
    write(tmp_path, 'freshness: 1h; schedule: "*/15 * * * *"')
    view = check_repository(tmp_path).value.views["visits_of_user"]
    assert binding(view, Duration(15 * MINUTE)) is None
    found = binding(view, Duration(15 * MINUTE + 1))
    assert found is not None
    assert found.words == "its refreshes take 901s, and the next one begins after 15m"


def test_durations_that_say_too_little() -> None:
    assert usual_duration([]) is None
    assert usual_duration([1, 2]) is None
