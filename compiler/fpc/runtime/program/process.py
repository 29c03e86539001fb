"""Runs a program to its end, line by line into the log, and leaves nothing of it behind when interrupted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

_SECONDS_TO_END: Final = 20
_SIGNALS: Final = (signal.SIGTERM, signal.SIGKILL)


def run_program(
    command: Sequence[str],
    folder: Path,
    say: Callable[[str], None],
    *,
    environment: Mapping[str, str] = MappingProxyType({}),
    inherit: Sequence[int] = (),
    own_session: bool = True,
) -> int:
    """The exit code of a program; `say` is given each line of what it writes.

    It has this process's environment with `environment` over it, and the file descriptors of `inherit`. Raises
    `OSError` where it cannot be started. When the waiting is interrupted (a timeout, a task that is cleared), the
    program is told to end, and made to if it does not; in a session of its own, so is all that it started. A program
    that shares this one's session also gets what is sent to that: Ctrl-C, and the end that a supervisor makes of it.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=own_session,
        pass_fds=inherit,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                say(line.rstrip("\n"))
            return process.wait()
        except BaseException:
            _end(process, own_session=own_session)
            raise


def _end(process: subprocess.Popen[str], *, own_session: bool) -> None:
    for signum in _SIGNALS:
        with contextlib.suppress(ProcessLookupError):
            if own_session:
                os.killpg(process.pid, signum)
            else:
                process.send_signal(signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)
            return
