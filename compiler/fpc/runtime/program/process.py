"""Runs a program to its end, line by line into the log, and leaves nothing of it behind when interrupted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

_SECONDS_TO_END: Final = 20


def run_program(command: Sequence[str], folder: Path, say: Callable[[str], None]) -> int:
    """The exit code of a program; `say` is given each line of what it writes.

    Raises `OSError` where it cannot be started. When the waiting is interrupted (a timeout, a task that is cleared),
    the program and all that it started are told to end, and made to if they do not.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                say(line.rstrip("\n"))
            return process.wait()
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    for signum in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)
            return
