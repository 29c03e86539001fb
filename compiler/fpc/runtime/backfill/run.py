"""Fills histories: plans, computes chunk by chunk beside the schedule, and keeps each as soon as it is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fpc.contract.backfill import BackfillProgram
from fpc.runtime.backfill.chunks import Range
from fpc.runtime.backfill.compute import Task, compute, count_entities
from fpc.runtime.backfill.files import SourceFiles
from fpc.runtime.backfill.job import Job
from fpc.runtime.backfill.plan import Piece, Plan, plan
from fpc.runtime.backfill.reading import Reading, Window, window_of
from fpc.runtime.backfill.record import Sources, read_history
from fpc.runtime.backfill.table_rows import TableRows
from fpc.runtime.backfill.write import Finished, OvertakenError, write
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.grid import instant_text
from fpc.runtime.raw_rows import find_files
from fpc.runtime.scratch import Scratch

#: So many rows are computed unasked where every entity has one at every point.
MOST_UNASKED: Final = 50_000_000
_COPY: Final = "copy.duckdb"


@dataclass(frozen=True, slots=True)
class Report:
    """What a backfill did for one view: chunks made, rows written, seconds."""

    plan: Plan
    chunks: int
    rows: int
    seconds: float


def plan_backfill(job: Job, program: BackfillProgram, whole: Range) -> Plan:
    """What `fill` would do now; nothing is changed. Raises `FpcRuntimeError`."""
    files = _files(job, program)
    if files is not None:
        history = None
        if job.has_warehouse:
            with job.warehouse() as connection:
                history = read_history(connection, program.view, program.table)
        planned = plan(program, whole, job.chunk, history, files, anew=job.anew)
    else:
        with job.warehouse() as connection:
            history = read_history(connection, program.view, program.table)
            (source,) = program.training.sources
            rows = TableRows(connection, source, program.reading)
            planned = plan(program, whole, job.chunk, history, rows, anew=job.anew)
    return _with_entities(job, program, planned, files) if program.moves else planned


def fill(job: Job, program: BackfillProgram, whole: Range, tell: Callable[[Plan], None] = lambda plan: None) -> Report:
    """Make the view's history hold the range; `tell` is given the plan before anything is done.

    Each chunk is kept as soon as it is made, whole or not at all: after a kill at any point the next backfill does the
    rest. Raises `FpcRuntimeError`; the chunks that were made until then are kept.
    """
    started = time.monotonic()
    with job.alone(program.view):
        planned = plan_backfill(job, program, whole)
        tell(planned)
        if not job.agreed:
            _refuse(program, planned)
        files = _files(job, program)
        rows, held = 0, [*planned.held]
        for number, piece in enumerate(planned.pieces, start=1):
            rows += _make(job, program, piece, files, held)
            held.append(piece.range)
            _progress(job, planned, number, time.monotonic() - started)
    return Report(planned, len(planned.pieces), rows, time.monotonic() - started)


def _make(job: Job, program: BackfillProgram, piece: Piece, files: SourceFiles | None, held: Sequence[Range]) -> int:
    """Make one piece, where the history has the parts `held` already; returns how many rows it has."""
    if piece.stretch is None:
        return 0
    opens = not any(part.start_us <= piece.stretch.before_us < part.end_us for part in held)
    window, since = window_of(piece.stretch, program.reading), time.monotonic()
    with Scratch(job.limits) as scratch:
        paths, copy, reading = _source(job, program, window, files, piece.reading, scratch.folder)
        task = Task(piece.stretch, window, opens, paths, copy)
        made = compute(scratch, program, task, job.root, kernel=job.kernel)
        with job.warehouse() as connection:
            sources = Sources(reading.files, reading.content)
            finished = Finished(piece.range, made, sources, opens, reading.rows, time.monotonic() - since)
            try:
                return write(connection, program, finished)
            except OvertakenError:
                raise FpcRuntimeError(
                    f"the history of view `{program.view}` was changed by another program meanwhile",
                    kept="the chunks that were done before",
                    help="run the backfill again",
                ) from None


def _source(
    job: Job, program: BackfillProgram, window: Window, files: SourceFiles | None, planned: Reading, folder: Path
) -> tuple[tuple[Path, ...], Path | None, Reading]:
    """The files to read, or the copy of a table's rows; and what is read."""
    if files is not None:
        return tuple(files.path(file) for file in planned.files) or (files.any,), None, planned
    with job.warehouse() as connection:
        (source,) = program.training.sources
        copy = folder / _COPY
        return (), copy, TableRows(connection, source, program.reading).copy(window, copy)


def _with_entities(job: Job, program: BackfillProgram, planned: Plan, files: SourceFiles | None) -> Plan:
    stretches = [piece.stretch for piece in planned.pieces if piece.stretch is not None]
    if not stretches:
        return replace(planned, entities=0)
    oldest = window_of(stretches[0], program.reading).oldest_us
    window = Window(oldest, stretches[-1].last_us)
    with Scratch(job.limits) as scratch:
        planned_reading = Reading((), None, None) if files is None else files.read(window)
        paths, copy, _ = _source(job, program, window, files, planned_reading, scratch.folder)
        return replace(planned, entities=count_entities(scratch, program, window, paths, copy, job.root))


def _refuse(program: BackfillProgram, planned: Plan) -> None:
    """Stop where the cost, or what would be lost, is to be agreed to first."""
    if planned.most_asked is not None and planned.most_asked > MOST_UNASKED:
        raise FpcRuntimeError(
            f"view `{planned.view}` reads AS_OF(), so that each of {planned.entities:,} entities is computed at "
            f"each of {planned.points:,} points: up to {planned.most_asked:,} rows",
            kept="nothing was changed",
            help="fill a coarser grid with `--every 1d`, a shorter range, or agree with --yes",
            exit_code=1,
        )
    if planned.lost:
        parts = ", ".join(f"{instant_text(part.start_us)} to {instant_text(part.end_us)}" for part in planned.lost)
        raise FpcRuntimeError(
            f"the history of view `{planned.view}` cannot keep what it has of {parts}: {planned.stale[0].why}",
            kept="nothing was changed",
            help="fill the whole range anew, or agree with --yes to lose that part",
            exit_code=1,
        )


def _files(job: Job, program: BackfillProgram) -> SourceFiles | None:
    """The source's files; None where it is a table."""
    (source,) = program.training.sources
    if source.path is not None:
        return SourceFiles(find_files(source.path, job.root, f"source `{source.name}`"), job.root, program.reading)
    if not job.has_warehouse:
        raise FpcRuntimeError(
            f"source `{source.name}` is a table of the warehouse, which does not exist yet",
            kept="nothing was changed",
            help="`fpc run` makes it, or whatever fills the table",
            exit_code=1,
        )
    return None


def _progress(job: Job, planned: Plan, done: int, seconds: float) -> None:
    total = len(planned.pieces)
    left = f", about {seconds / done * (total - done):.0f} s left" if done < total else ""
    job.say(f"view `{planned.view}`: {done} of {total} chunks in {seconds:.0f} s{left}")


__all__ = ["Job", "Report", "fill", "plan_backfill"]
