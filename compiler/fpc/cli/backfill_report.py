"""What a backfill will do and has done, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fpc.cli.console import say, warn
from fpc.cli.instants import ago, shown
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.contract.backfill import BackfillProgram
from fpc.diagnostics.printable_json import printable_json
from fpc.runtime.backfill.chunks import Range
from fpc.runtime.backfill.plan import Piece, Plan
from fpc.runtime.backfill.run import Report
from fpc.runtime.grid import instant_text

_HEADER = ("view", "from", "to", "chunks", "there", "points", "files", "rows", "bytes", "time")


def estimate_table(plans: Sequence[Plan]) -> str:
    """One line per view: what is left to do."""
    return table(_HEADER, [_line(plan) for plan in plans])


def estimate_json(plans: Sequence[Plan]) -> str:
    """Every chunk of every view; numbers that are not known beforehand are null."""
    return printable_json({"views": [_plan(plan) for plan in plans]})


def report_table(reports: Sequence[Report], programs: Mapping[str, BackfillProgram]) -> str:
    """One line per view: what was done, and the table that holds it."""
    rows = [
        (r.plan.view, str(r.chunks), f"{r.rows:,}", f"{r.seconds:.1f} s", programs[r.plan.view].table) for r in reports
    ]
    return table(("view", "chunks", "rows", "time", "history"), rows)


def report_json(reports: Sequence[Report], programs: Mapping[str, BackfillProgram]) -> str:
    """The same as JSON, with the plan that was carried out."""
    views = [
        _plan(report.plan)
        | {
            "history": programs[report.plan.view].table,
            "chunks_made": report.chunks,
            "rows_written": report.rows,
            "seconds": round(report.seconds, 3),
        }
        for report in reports
    ]
    return printable_json({"views": views})


def tell_plan(plan: Plan) -> None:
    """Say what a view's backfill will take, before it begins."""
    for stale in plan.stale:
        warn(f"view `{plan.view}`: {_words(stale.range)} is made again: {stale.why}")
    if plan.kept:
        say(f"view `{plan.view}`: {plural(len(plan.kept), 'part')} of the range there already")
    rows = "an unknown number of rows" if plan.rows is None else plural(plan.rows, "row")
    size = "" if plan.bytes is None else f" ({_bytes(plan.bytes)})"
    files = "its table" if plan.bytes is None else plural(plan.files, "file")
    say(f"view `{plan.view}`: {plural(len(plan.pieces), 'chunk')}, {plan.points:,} points, "
        f"{rows}{size} of {files} to read, time: {_time(plan.seconds)}")  # fmt: skip
    if plan.most_asked is not None:
        say(f"view `{plan.view}` reads AS_OF(): every point is computed, up to {plan.most_asked:,} rows")


def _line(plan: Plan) -> tuple[str, ...]:
    return (
        plan.view,
        shown(plan.whole.start_us),
        shown(plan.whole.end_us),
        str(len(plan.pieces)),
        str(len(plan.kept)),
        f"{plan.points:,}",
        str(plan.files),
        "?" if plan.rows is None else f"{plan.rows:,}",
        "-" if plan.bytes is None else _bytes(plan.bytes),
        _time(plan.seconds),
    )


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "view": plan.view,
        **_range(plan.whole),
        "chunks": [_piece(piece) for piece in plan.pieces],
        "there": [_range(part) for part in plan.kept],
        "made_again": [_range(stale.range) | {"why": stale.why} for stale in plan.stale],
        "points": plan.points,
        "files": plan.files,
        "rows": plan.rows,
        "bytes": plan.bytes,
        "most_rows_computed": plan.most_asked,
        "estimated_seconds": None if plan.seconds is None else round(plan.seconds, 3),
    }


def _piece(piece: Piece) -> dict[str, Any]:
    reading = piece.reading
    return {
        **_range(piece.range),
        "points": piece.points,
        "files": [file.path for file in reading.files],
        "rows": reading.rows,
        "bytes": reading.bytes,
    }


def _range(part: Range) -> dict[str, Any]:
    return {"start": instant_text(part.start_us), "end": instant_text(part.end_us)}


def _words(part: Range) -> str:
    return f"{shown(part.start_us)} to {shown(part.end_us)}"


def _bytes(count: int) -> str:
    size, units = float(count), ["B", "kB", "MB", "GB"]
    while size >= 1_000 and len(units) > 1:
        size, units = size / 1_000, units[1:]
    return f"{size:,.0f} {units[0]}" if size >= 10 or units[0] == "B" else f"{size:.1f} {units[0]}"


def _time(seconds: float | None) -> str:
    return "unknown" if seconds is None else ago(int(seconds * 1_000_000) or 0)
