"""The tasks of a DAG without a server: Airflow's `dag.test()`, over an fpc that only notes how it was called."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.airflow import postgres
from tests.airflow.launch import ROOT
from tests.missing import missing
from tests.unit.emit.models import DEV, marketplace, user_orders

from fpc.emit.airflow.dag_file import dag_file

FPC = """#!/bin/sh
echo "$@" >> "$FPC_NOTES"
case "$*" in *"T00:00:00+00:00 --stage gate"*) exit 1;; esac
"""
STAGES = ("source", "build", "gate", "publish", "record")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of Airflow's database: a file as `make airflow` has it, or a server as docker-compose.yml has it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'airflow.db'}?timeout=60"
        return
    if postgres.binaries() is None:
        missing("install Debian's postgresql to test Airflow's database as docker-compose.yml has it")
    with postgres.running() as port:
        services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        address = services["airflow-scheduler"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].strip()
        password, _, rest = address.partition("${")[2].partition("}")
        assert password.startswith("AIRFLOW_DB_PASSWORD:?")
        yield f"{address.partition('${')[0]}{postgres.PASSWORD}{rest.replace('postgres:5432', f'127.0.0.1:{port}')}"


@pytest.fixture
def runs(airflow_python: Path, tmp_path: Path, database: str) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """A run as of one o'clock, and one as of midnight whose gate is shut: how they ended, and what was called."""
    dags, home, notes = tmp_path / "dags", tmp_path / "home", tmp_path / "notes"
    dags.mkdir()
    (dags / "user_orders.py").write_text(dag_file(marketplace(), user_orders(), DEV).text)
    (dags / "pools.json").write_text((ROOT / "dags" / "pools.json").read_text())
    command = tmp_path / "fpc"
    command.write_text(FPC)
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{airflow_python.parent}{os.pathsep}{os.environ['PATH']}",
        "AIRFLOW_ADMIN_PASSWORD": "letters3and4digits",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "FPC_COMMAND": str(command),
        "FPC_NOTES": str(notes),
        "FPC_RETRY_SECONDS": "0.1",
    }
    # What the service airflow-init runs, in a folder of ours.
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["airflow-init"]
    init = [word.replace("/srv/airflow", str(home)) for word in service["command"]]
    script = str(ROOT / "tests" / "airflow" / "run_dag.py")
    instants = ("2024-03-08T01:00:00+00:00", "2024-03-08T00:00:00+00:00")
    for arguments in (init, [str(airflow_python), script, str(tmp_path / "told.json"), "user_orders", *instants]):
        done = subprocess.run(arguments, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert json.loads((home / "passwords.json").read_text()) == {"admin": environment["AIRFLOW_ADMIN_PASSWORD"]}
    told = json.loads((tmp_path / "told.json").read_text())
    return told, [line.split() for line in notes.read_text().splitlines()]


def test_a_run_calls_every_stage_as_of_its_instant_and_a_shut_gate_lets_nothing_through(
    runs: tuple[list[dict[str, Any]], list[list[str]]],
) -> None:
    (good, shut), called = runs
    assert good["run"] == "success"
    assert good["tasks"].pop("fill_history") == "skipped"
    assert set(good["tasks"].values()) == {"success"}
    assert shut == {
        "run": "failed",
        "tasks": {
            "source_is_fresh": "success",
            "build": "success",
            "gate": "failed",
            "publish": "upstream_failed",
            "record": "upstream_failed",
            "fill_history": "skipped",
        },
    }
    for stage, words in zip((*STAGES, *STAGES[:3]), called, strict=True):
        assert words[words.index("--stage") + 1] == stage
        assert words[words.index("--select") + 1] == "user_orders"
        assert ("--dbt-log" in words) is (stage == "build")
    instants = [words[words.index("--scheduled-at") + 1] for words in called]
    assert instants == ["2024-03-08T01:00:00+00:00"] * 5 + ["2024-03-08T00:00:00+00:00"] * 3
