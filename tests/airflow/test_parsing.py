"""Airflow reads what `fpc compile` writes: all of it, fast, and text as text."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.airflow.launch import ROOT
from tests.unit.emit.models import DEV, marketplace, user_orders

from fpc.emit.airflow.dag_file import dag_file
from fpc.model.nodes import FeatureView, Grid
from fpc.types.duration import Duration

TASKS = {"source_is_fresh", "build", "gate", "publish", "record", "fill_history"}
HOSTILE = (
    '"""\nraise SystemExit\n"""',
    "{{ 1/0 }}",
    "\\",
    "\u202e\x1b[31m\r",
    "x" * 300,
    "# coding: utf-7",
    "/etc/hosts.md",
)
GRIDS = (
    *(Grid(Duration.parse(every), None) for every in ("5m", "45m", "1h", "7h", "1d", "2d", "1w")),
    *(
        Grid(None, cron)
        for cron in ("5 * * * *", "0 3 LW * *", "0 3 L * *", "0 6 * * 1#2", "*/7 1-5 * JAN,MAR MON-FRI")
    ),
)


def parsed(python: Path, folder: Path, home: Path) -> dict[str, Any]:
    """What Airflow's own Python finds in a folder of DAGs."""
    environment = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PATH": "/usr/bin:/bin"}
    command = [str(python), str(ROOT / "tests" / "airflow" / "parse.py"), str(folder)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def write(folder: Path, views: Iterable[FeatureView]) -> None:
    """The DAG files of views of one model."""
    folder.mkdir()
    model = marketplace()
    for view in views:
        (folder / f"{view.name}.py").write_text(dag_file(model, view, DEV).text)


def test_two_hundred_dags_are_read_in_two_seconds(airflow_python: Path, tmp_path: Path) -> None:
    write(tmp_path / "dags", (replace(user_orders(), name=f"view_{number}") for number in range(200)))
    found = parsed(airflow_python, tmp_path / "dags", tmp_path / "home")
    assert found["errors"] == {}
    assert len(found["tasks"]) == 200
    assert all(set(tasks) == TASKS for tasks in found["tasks"].values())
    assert found["imported_by_dags"] == []
    assert found["seconds"] <= 2.0


def test_the_dags_of_this_repository_are_read_without_a_fault(airflow_python: Path, tmp_path: Path) -> None:
    found = parsed(airflow_python, ROOT / "dags", tmp_path / "home")
    assert found["errors"] == {}
    views = {path.stem for path in (ROOT / "registry" / "views").glob("*.json")}
    assert views <= set(found["tasks"])


def test_airflow_knows_every_schedule_that_the_compiler_writes(airflow_python: Path, tmp_path: Path) -> None:
    write(tmp_path / "dags", (replace(user_orders(), name=f"v{n}", grid=grid) for n, grid in enumerate(GRIDS)))
    found = parsed(airflow_python, tmp_path / "dags", tmp_path / "home")
    assert found["errors"] == {}
    assert len(found["schedules"]) == len(GRIDS)


def test_hostile_text_is_documentation_and_nothing_else(airflow_python: Path, tmp_path: Path) -> None:
    views = [
        replace(user_orders(), name=f"v{number}", description=text, owner=text, tags=(text,))
        for number, text in enumerate(HOSTILE)
    ]
    write(tmp_path / "dags", views)
    found = parsed(airflow_python, tmp_path / "dags", tmp_path / "home")
    assert found["errors"] == {}
    assert sorted(found["tasks"]) == sorted(view.name for view in views)
    assert "raise SystemExit" in found["documents"]["v0"]
    assert "127.0.0.1" not in found["documents"]["v6"]
