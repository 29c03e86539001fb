"""One refresh at a time in a repository: a lock that lasts as long as any process of the refresh does."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fpc.runtime.errors import FpcRuntimeError

_LOCK: Final = ".fpc/refresh.lock"
_POLL_SECONDS: Final = 0.2


class BusyError(FpcRuntimeError):
    """Another refresh is at work, and did not end in time; exit code 3."""


@contextmanager
def turn(root: Path, say: Callable[[str], None], wait_seconds: float) -> Iterator[int]:
    """Wait for one's turn; yields the descriptor that holds the lock, for child processes to inherit.

    dbt inherits it. Where fpc is killed and dbt goes on alone, the next refresh waits for it all the same, instead of
    finding the warehouse locked, or changed under its feet.
    """
    path = root / _LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise FpcRuntimeError(
            f"`{_LOCK}` cannot be written: {error.strerror}", help="give yourself the right to write in `.fpc`"
        ) from error
    try:
        _acquire(descriptor, say, wait_seconds)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, say: Callable[[str], None], wait_seconds: float) -> None:
    deadline, told = time.monotonic() + wait_seconds, False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(os.pread(descriptor, 20, 0).decode("ascii", "replace"))
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"{holder} is at work in this repository",
                    kept="nothing was changed; what was served is still served",
                    help="wait for it to end and run again, or give --wait more seconds",
                ) from None
            if not told:
                say(f"waiting: {holder} is at work")
                told = True
        time.sleep(_POLL_SECONDS)


def _holder(process: str) -> str:
    """Who has the lock; the process that took it may be gone, and what it started go on."""
    if process.isdigit() and not _is_alive(int(process)):
        return f"the dbt of a refresh that was ended (process {process})"
    return f"another refresh (process {process or 'unknown'})"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True
