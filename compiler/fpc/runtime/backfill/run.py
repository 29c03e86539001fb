"""Fills histories: plans, computes chunk by chunk beside the schedule, and keeps each as soon as it is made."""

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

from fpc.contract.backfill import BackfillProgram
from fpc.contract.registry import TargetContract
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.compute import Task, compute
from fpc.runtime.backfill.files import SourceFiles, window_of
from fpc.runtime.backfill.plan import Piece, Plan, plan
from fpc.runtime.backfill.record import History, Sources, read_history
from fpc.runtime.backfill.write import Finished, OvertakenError, write
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.raw_rows import find_files
from fpc.runtime.refresh.turn import turn
from fpc.runtime.scratch import UNLIMITED, Limits, Scratch
from fpc.runtime.warehouse import open_warehouse, warehouse_path

_LOCKS: Final = ".fpc/backfill"
_POLL_SECONDS: Final = 0.2

Say = Callable[[str], None]


def _nothing(_text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """Where a backfill works and how: `wait_seconds` is how long others are waited for, `say` is told each step."""

    root: Path
    target: TargetContract
    chunk: Chunk = Chunk.MONTH
    limits: Limits = UNLIMITED
    wait_seconds: float = 600.0
    anew: bool = False
    kernel: bool | None = None
    say: Say = field(default=_nothing)

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse for writing, between two refreshes; held for as short as can be."""
        with turn(self.root, self.say, self.wait_seconds):
            path = warehouse_path(self.root, self.target)
            connection = open_warehouse(path, self.say, self.wait_seconds)
            try:
                if self.limits.memory_bytes is not None:
                    connection.execute("SET memory_limit = ?", [f"{self.limits.memory_bytes}B"])
                if self.limits.threads is not None:
                    connection.execute("SET threads = ?", [self.limits.threads])
                yield connection
            finally:
                connection.close()


@dataclass(frozen=True, slots=True)
class Report:
    """What a backfill did for one view."""

    plan: Plan
    chunks: int
    rows: int
    seconds: float


def plan_backfill(job: Job, program: BackfillProgram, whole: Range) -> Plan:
    """What `fill` would do now; nothing is changed."""
    return plan(program, whole, job.chunk, _history(job, program), _files(job, program), anew=job.anew)


def fill(job: Job, program: BackfillProgram, whole: Range, tell: Callable[[Plan], None] = lambda plan: None) -> Report:
    """Make the view's history hold the range; `tell` is given the plan before anything is done.

    Each chunk is kept as soon as it is made, whole or not at all: after a kill at any point the next backfill does the
    rest. Raises `FpcRuntimeError`; the chunks that were made until then are kept.
    """
    started = time.monotonic()
    with _alone(job, program.view):
        planned = plan_backfill(job, program, whole)
        tell(planned)
        sources = _files(job, program)
        rows, held = 0, [*planned.held]
        for number, piece in enumerate(planned.pieces):
            rows += _make(job, program, piece, sources, held)
            held.append(piece.range)
            _progress(job, planned, number + 1, time.monotonic() - started)
    return Report(planned, len(planned.pieces), rows, time.monotonic() - started)


def _make(job: Job, program: BackfillProgram, piece: Piece, sources: SourceFiles | None, held: list[Range]) -> int:
    """Make one piece, where the history has these parts already."""
    if piece.stretch is None:
        return 0
    opens = not any(part.start_us <= piece.stretch.before_us < part.end_us for part in held)
    since = time.monotonic()
    reading = piece.reading
    assert reading is not None and sources is not None
    paths = tuple(sources.path(file) for file in reading.files) or (sources.any,)
    window = window_of(piece.stretch, program.reading)
    with Scratch(job.limits) as scratch:
        made = compute(scratch, program, Task(piece.stretch, window, opens, paths), job.root, kernel=job.kernel)
        finished = Finished(piece.range, made, Sources(reading.files), opens, reading.rows, time.monotonic() - since)
        with job.warehouse() as connection:
            try:
                return write(connection, program, finished)
            except OvertakenError:
                raise FpcRuntimeError(
                    f"the history of view `{program.view}` was changed by another program meanwhile",
                    kept="the chunks that were done before",
                    help="run the backfill again",
                ) from None


def _history(job: Job, program: BackfillProgram) -> History | None:
    if not warehouse_path(job.root, job.target).exists():
        return None
    with job.warehouse() as connection:
        return read_history(connection, program.view, program.table)


def _files(job: Job, program: BackfillProgram) -> SourceFiles | None:
    (source,) = program.training.sources
    if source.path is None:
        return None
    return SourceFiles(find_files(source.path, job.root, f"source `{source.name}`"), job.root, program.reading)


def _progress(job: Job, planned: Plan, done: int, seconds: float) -> None:
    total = len(planned.pieces)
    left = seconds / done * (total - done)
    job.say(f"view `{planned.view}`: {done} of {total} chunks, {seconds:.0f} s, about {left:.0f} s left")


@contextmanager
def _alone(job: Job, view: str) -> Iterator[None]:
    """One backfill of a view at a time; others wait."""
    path = job.root / _LOCKS / f"{job.target.name}.{view}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as held:
        deadline, told = time.monotonic() + job.wait_seconds, False
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise FpcRuntimeError(
                        f"another backfill of view `{view}` is at work",
                        kept="nothing was changed",
                        help="wait for it to end and run again, or give --wait more seconds",
                    ) from None
                if not told:
                    job.say(f"waiting for another backfill of view `{view}` to end")
                    told = True
            time.sleep(_POLL_SECONDS)
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


__all__ = ["Job", "Report", "fill", "plan_backfill"]
