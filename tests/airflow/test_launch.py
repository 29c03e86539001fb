"""What `make airflow` says when it cannot start, and how it uses SQLite."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from tests.airflow.launch import PYTHON, ROOT, Launch
from tests.airflow.server import Airflow


def test_a_port_that_is_taken_is_told_in_one_line(airflow_python: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        launch = Launch(tmp_path / "home", tmp_path, port)
        launch.start()
        assert launch.words() == f"port {port} is taken: give another, as in `make airflow AIRFLOW_PORT=8081`\n"
    assert launch.process.returncode == 1


def test_a_second_launcher_leaves_the_first_alone(airflow: Airflow) -> None:
    second = Launch(airflow.launch.home, airflow.launch.repository, 1)
    second.start()
    assert second.words() == f"the Airflow of {airflow.home} runs already: Ctrl-C ends it, where it was started\n"
    assert second.process.returncode == 1
    assert airflow.get("monitor/health")["scheduler"]["status"] == "healthy"


def test_a_savepoint_waits_for_its_turn_to_write(airflow_python: Path, tmp_path: Path) -> None:
    """Otherwise, beside others who write, SQLite refuses what `airflow backfill create` writes."""

    def run(*modules: str) -> str:
        command = [str(PYTHON), "-m", "tests.airflow.savepoint", str(tmp_path / "rows.db"), *modules]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert run() == "database is locked"
    assert run("demo.airflow_local_settings") == "written"
