"""Where a backfill works and how; and who is let at a history at one time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.registry import TargetContract
from fpc.runtime.backfill.chunks import Chunk
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.refresh.turn import turn
from fpc.runtime.scratch import UNLIMITED, Limits
from fpc.runtime.warehouse import open_warehouse, warehouse_path

_LOCKS: Final = ".fpc/backfill"
_POLL_SECONDS: Final = 0.2

Say = Callable[[str], None]


def _nothing(_text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """Where a backfill works and how.

    `wait_seconds` is how long others are waited for, `say` is told each step. `anew` makes again what is there already.
    `agreed` says that the cost, and the loss of another definition's rows, were agreed to.
    """

    root: Path
    target: TargetContract
    chunk: Chunk = Chunk.MONTH
    limits: Limits = UNLIMITED
    wait_seconds: float = 600.0
    anew: bool = False
    agreed: bool = False
    kernel: bool | None = None
    say: Say = field(default=_nothing)

    @property
    def has_warehouse(self) -> bool:
        """Whether there is anything to read in the warehouse."""
        return warehouse_path(self.root, self.target).exists()

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse for writing, between two refreshes; to be held for as short as can be."""
        with turn(self.root, self.say, self.wait_seconds):
            connection = open_warehouse(warehouse_path(self.root, self.target), self.say, self.wait_seconds)
            try:
                if self.limits.memory_bytes is not None:
                    connection.execute("SET memory_limit = ?", [f"{self.limits.memory_bytes}B"])
                if self.limits.threads is not None:
                    connection.execute("SET threads = ?", [self.limits.threads])
                yield connection
            finally:
                connection.close()

    @contextmanager
    def alone(self, view: str) -> Iterator[None]:
        """One backfill of a view at a time; others wait, and raise `FpcRuntimeError` when that takes too long."""
        path = self.root / _LOCKS / f"{self.target.name}.{view}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as held:
            deadline, told = time.monotonic() + self.wait_seconds, False
            while not _locked(held.fileno()):
                holder = _text(path)
                if time.monotonic() >= deadline:
                    raise FpcRuntimeError(
                        f"another backfill of view `{view}` (process {holder}) is at work",
                        kept="nothing was changed",
                        help="wait for it to end and run again, or give --wait more seconds",
                    )
                if not told:
                    self.say(f"waiting for another backfill of view `{view}` (process {holder}) to end")
                    told = True
                time.sleep(_POLL_SECONDS)
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
            yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace") or "unknown"
