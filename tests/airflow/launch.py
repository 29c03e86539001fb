"""Starting Airflow as `make airflow` does, and ending it as Ctrl-C does."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.airflow.processes import all_processes

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
SECONDS_TO_END = 60.0


@dataclass(frozen=True, slots=True)
class Login:
    """What the launcher says once Airflow answers."""

    url: str
    user: str
    password: str


@dataclass(slots=True)
class Launch:
    """A launcher: its folder, the repository behind it, the port that it takes, what it adds to the environment."""

    home: Path
    repository: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] = field(init=False)

    def start(self) -> None:
        """Start it, and wait for nothing."""
        command = [str(PYTHON), "-m", "demo.start_airflow", "--home", str(self.home), "--repo", str(self.repository)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            cwd=ROOT,
            env={**os.environ, **self.settings},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def login(self) -> Login:
        """Wait until Airflow answers, and say where."""
        said = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            said.append(line)
            found = re.search(r"Airflow is at (\S+)   login: (\S+)   password: (\S+)", line)
            if found is not None:
                return Login(found[1], found[2], found[3])
        raise AssertionError("Airflow did not start:\n" + "".join(said))

    def words(self) -> str:
        """All that it says until it ends."""
        return self.process.communicate(timeout=SECONDS_TO_END)[1]

    def end(self) -> None:
        """Press Ctrl-C; fails where anything is left behind."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=SECONDS_TO_END)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        assert self.process.returncode == 0
        assert not self._is_held(), "a component of Airflow still runs"
        left = [found for found in all_processes() if str(self.repository) in " ".join(found.arguments)]
        assert not left, left

    def _is_held(self) -> bool:
        """Whether a component runs: each holds the folder's lock, as the launcher does."""
        with (self.home / "launcher.lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


@contextlib.contextmanager
def launched(home: Path, repository: Path, settings: Mapping[str, str]) -> Iterator[Launch]:
    """A launcher that was started, until the end of the block."""
    launch = Launch(home, repository, free_port(), settings)
    launch.start()
    try:
        yield launch
    finally:
        launch.end()


def free_port() -> int:
    """A port of the loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
