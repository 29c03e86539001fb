"""Airflow's processes: started, kept running, and ended with all that they started.

Run by the Python of Airflow's own environment, of which psutil is a part.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

SECONDS_TO_END: Final = 15
_POLL_SECONDS: Final = 0.2
#: A task tells the server how it ended, and so the server goes last.
_ENDING: Final = (("scheduler", "dag-processor"), ("api-server",))


class Components:
    """Airflow's processes, each in a session of its own, with a log file and a file of its process id each."""

    def __init__(self, logs: Path, variables: Mapping[str, str], lock: int) -> None:
        """Nothing is started yet. The descriptor `lock` is handed on: it is held for as long as one of them runs."""
        self._logs, self._variables, self._lock = logs, variables, lock
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start some of them: `api-server`, `dag-processor`, `scheduler`."""
        for name in names:
            self._start(name)

    def ended(self) -> Mapping[str, int]:
        """Those that have ended by themselves, with their exit codes."""
        codes = {name: process.poll() for name, process in self._running.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def keep_running(self, say: Callable[[str], None]) -> None:
        """Start every component again that has ended; `say` is told of each."""
        for name, code in self.ended().items():
            say(f"{name} ended with exit code {code}, and is started again")
            _kill_group(self._running[name].pid)
            self._start(name)

    def log(self, name: str) -> Path:
        """Where a component's log is."""
        return self._logs / f"{name}.log"

    def end(self) -> None:
        """Tell every component to end, and make those that do not.

        The scheduler waits for its tasks, which would go on for minutes: the programs that they run are told to end as
        well. Airflow then knows that these tasks have failed, and tries them again when it is started again.
        """
        for together in _ENDING:
            processes = [self._running[name] for name in together if name in self._running]
            for process in processes:
                process.send_signal(signal.SIGINT)
            programs: set[int] = set()
            deadline = time.monotonic() + SECONDS_TO_END
            while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
                for group in set().union(*(_groups_below(process.pid) for process in processes)):
                    programs.add(group)
                    _signal_group(group, signal.SIGTERM)
                time.sleep(_POLL_SECONDS)
            for group in (*programs, *(process.pid for process in processes)):
                _kill_group(group)
            for process in processes:
                process.wait()
        for name in self._running:
            self._pid_file(name).unlink(missing_ok=True)

    def _start(self, name: str) -> None:
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                ["airflow", name],
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[self._lock],
            )
        self._running[name] = process
        self._pid_file(name).write_text(str(process.pid))

    def _pid_file(self, name: str) -> Path:
        return self._logs / f"{name}.pid"


@contextlib.contextmanager
def alone(home: Path, logs: Path) -> Iterator[int]:
    """Hold the folder against a second launcher; gives the descriptor that holds it, for the components.

    What a launcher that was killed has left behind is ended. Raises `BlockingIOError` where one is at work.
    """
    path = home / "launcher.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read()
            if not holder or psutil.pid_exists(int(holder)):
                raise
            # Components hold the lock, so that these process ids are still theirs.
            for pid_file in logs.glob("*.pid"):
                _kill_group(int(pid_file.read_text()))
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _groups_below(pid: int) -> set[int]:
    """The process groups that a process has started, at any depth, without its own: the programs of its tasks."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return _groups(psutil.Process(pid).children(recursive=True)) - {pid}
    return set()


def _groups(processes: Sequence[psutil.Process]) -> set[int]:
    found = set()
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            found.add(os.getpgid(process.pid))
    return found


def _kill_group(group: int) -> None:
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)
