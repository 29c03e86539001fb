"""A scratch database on disk: bounded memory, spills beside it, gone at the end and after a crash."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import duckdb

from fpc.runtime.errors import FpcRuntimeError

_PREFIX: Final = "fpc-scratch-"
_BESIDE_THE_ENGINE: Final = 150_000_000
#: Each thread of the engine holds rows of its own while it sorts and joins.
_BYTES_PER_THREAD: Final = 100_000_000
_UNITS: Final = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}
_SIZE: Final = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)})")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the engine may take: `memory` as DuckDB spells it (`1GB`, None: its default), and threads."""

    memory: str | None = None
    threads: int | None = None

    @property
    def memory_bytes(self) -> int | None:
        """The limit as a number; raises `FpcRuntimeError` for a text that is none."""
        if self.memory is None:
            return None
        found = _SIZE.fullmatch(self.memory.strip().upper())
        if found is None or not float(found[1]):
            raise FpcRuntimeError(
                f"`{self.memory}` is not a memory limit",
                help="write it as a number and a unit: 500MB, 2GB",
                exit_code=1,
            )
        return int(float(found[1]) * _UNITS[found[2]])


#: The engine's own limits: most of the machine's memory, every core.
UNLIMITED: Final = Limits()


class Scratch:
    """A DuckDB connection to a file in a folder of its own, which `close` removes.

    The folder is locked while it is in use, so that the next run can tell one that a crash left behind.
    """

    def __init__(self, limits: Limits, root: Path | None = None) -> None:
        """Open a new one below `root` (the system's temporary folder), and remove those that crashes left."""
        place = root or Path(tempfile.gettempdir())
        remove_stale(place)
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        self._lock = _lock(self.folder)
        self.limits = limits
        try:
            self.connection = self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.folder / "scratch.duckdb"))
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET temp_directory = ?", [str(self.folder / "spill")])
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET enable_progress_bar = false")
        threads = self.limits.threads
        if self.limits.memory_bytes is not None:
            # What Python and Arrow take beside the engine counts too.
            engine = max(self.limits.memory_bytes - _BESIDE_THE_ENGINE, self.limits.memory_bytes // 2)
            connection.execute("SET memory_limit = ?", [f"{engine}B"])
            threads = max(1, min(threads or os.cpu_count() or 1, engine // _BYTES_PER_THREAD))
        if threads is not None:
            connection.execute("SET threads = ?", [threads])
        return connection

    def close(self) -> None:
        """Close the connection and remove the folder; again does nothing."""
        if hasattr(self, "connection"):
            self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()

    def __enter__(self) -> Scratch:
        """Itself, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def remove_stale(root: Path) -> None:
    """Remove the scratch folders below `root` that no process holds."""
    for folder in root.glob(f"{_PREFIX}*"):
        with _claimed(folder) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path) -> IO[str]:
    held = (folder / "lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return held


@contextmanager
def _claimed(folder: Path) -> Iterator[bool]:
    try:
        held = (folder / "lock").open("r+")
    except OSError:
        # Another user's, or one that is just being made: not ours to remove.
        yield False
        return
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
