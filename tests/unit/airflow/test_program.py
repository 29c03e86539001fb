"""fpc called as a program: where it is found, and what is left of it when it is interrupted."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from fpc.runtime.program.process import run_program
from fpc.runtime.program.settings import Settings, read_settings


def test_the_repository_is_the_one_of_the_dag_and_fpc_that_of_its_environment(tmp_path: Path) -> None:
    dag = tmp_path / "dags" / "user_orders.py"
    assert read_settings(str(dag), {}) == Settings("fpc", tmp_path, None)
    own = tmp_path / ".venv" / "bin" / "fpc"
    own.parent.mkdir(parents=True)
    own.touch()
    assert read_settings(str(dag), {}) == Settings(str(own), tmp_path, None)


def test_the_environment_says_otherwise(tmp_path: Path) -> None:
    environment = {"FPC_COMMAND": "/opt/fpc", "FPC_REPO": "/srv/shop", "FPC_TARGET": "prod"}
    settings = read_settings(str(tmp_path / "dags" / "x.py"), environment)
    assert settings == Settings("/opt/fpc", Path("/srv/shop"), "prod")
    assert settings.call("status") == ["/opt/fpc", "status", "--repo", "/srv/shop", "--target", "prod"]


def test_every_line_is_told_as_it_comes_and_the_exit_code_given(tmp_path: Path) -> None:
    told: list[str] = []
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.stdout.buffer.write(b'\\xff\\n'); sys.exit(3)"
    assert run_program([sys.executable, "-c", code], tmp_path, told.append) == 3
    assert told == ["out", "err", "\ufffd"]


def test_a_program_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_program([str(tmp_path / "fpc")], tmp_path, print)


def test_an_interruption_ends_the_program_and_all_that_it_started(tmp_path: Path) -> None:
    child = "import time; time.sleep(600)"
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}]); "
    code += "print(p.pid, flush=True); p.wait()"
    pids: list[int] = []

    class TimeoutReached(BaseException):
        pass

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise TimeoutReached

    with pytest.raises(TimeoutReached):
        run_program([sys.executable, "-c", code], tmp_path, interrupt)
    deadline = time.monotonic() + 20
    while _lives(pids[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(pids[0])


def test_a_program_that_does_not_listen_is_made_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpc.runtime.program.process._SECONDS_TO_END", 0.2)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_program([sys.executable, "-c", code], tmp_path, interrupt)
    assert time.monotonic() - started < 60


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
