"""A scratch database on disk: bounded memory, spills beside it, gone at the end and after a crash."""

from __future__ import annotations

import fcntl
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

_PREFIX = "fpc-scratch-"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the engine may take: `memory` as DuckDB spells it (`1GB`, None: its default), and threads."""

    memory: str | None = None
    threads: int | None = None


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
        if self.limits.memory is not None:
            try:
                connection.execute("SET memory_limit = ?", [self.limits.memory])
            except duckdb.Error as error:
                raise FpcRuntimeError(
                    f"`{self.limits.memory}` is not a memory limit",
                    help="write it as a number and a unit: 500MB, 2GB",
                    exit_code=1,
                ) from error
        if self.limits.threads is not None:
            connection.execute("SET threads = ?", [self.limits.threads])
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
