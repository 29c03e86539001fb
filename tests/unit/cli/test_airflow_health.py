"""What `fpc doctor` says about Airflow's pools, by what Airflow's own command answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fpc.cli.airflow_health import airflow_health
from fpc.cli.health import Finding, Health

DECLARED = {"shop_warehouse": {"slots": 1, "description": "", "include_deferred": False}}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "pools.json").write_text(json.dumps(DECLARED))
    (tmp_path / ".fpc" / "airflow").mkdir(parents=True)
    return tmp_path


def findings(root: Path, script: str) -> list[Finding]:
    program = root / ".venv-airflow" / "bin" / "airflow"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return list(airflow_health(root))


def says(slots: int, name: str = "shop_warehouse") -> str:
    # As the command prints it: warnings, then the list, slots as text.
    listed = [{"pool": "default_pool", "slots": "128"}, {"pool": name, "slots": str(slots)}]
    return f"echo 'warning: [old] setting'\necho '{json.dumps(listed)}'"


def test_the_declared_pool_is_good(root: Path) -> None:
    (found,) = findings(root, says(1))
    assert found.health is Health.GOOD


def test_a_missing_pool_is_broken_and_says_what_to_do(root: Path) -> None:
    (found,) = findings(root, says(1, "other"))
    assert (found.health, found.help) == (Health.BROKEN, "airflow pools import dags/pools.json")
    assert "no pool `shop_warehouse`" in found.message


def test_a_pool_of_more_slots_is_broken(root: Path) -> None:
    (found,) = findings(root, says(2))
    assert found.health is Health.BROKEN
    assert "has 2 slots" in found.message


@pytest.mark.parametrize("script", ["exit 1", "echo nothing"])
def test_an_airflow_that_does_not_answer_is_worth_a_note(root: Path, script: str) -> None:
    (found,) = findings(root, script)
    assert found.health is Health.NOTE


def test_without_an_airflow_nothing_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert list(airflow_health(root)) == []
    (root / ".fpc" / "airflow").rmdir()
    assert findings(root, says(1)) == []
