"""What a backfill has to do: which parts of a range are there already, which are to be made, and what that takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fpc.contract.backfill import BackfillProgram
from fpc.runtime.backfill.chunks import Chunk, Range, cut
from fpc.runtime.backfill.files import SourceFiles
from fpc.runtime.backfill.points import Points, Stretch
from fpc.runtime.backfill.reading import FileState, Reading, window_of
from fpc.runtime.backfill.record import NO_PACE, Done, History, Pace
from fpc.runtime.backfill.table_rows import TableRows


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the range that is to be made in one go; without a `stretch` no grid point is in it."""

    range: Range
    stretch: Stretch | None
    points: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Stale:
    """A part of the history that is to be made anew, and why: `d.parquet changed`."""

    range: Range
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How one view's history comes to hold a range.

    `kept` is what of the range is there and stays; `held` is all of the history that stays or is made anew in place.
    `lost` are parts of a history by another definition or grid, outside the range, that go with the first chunk.
    `entities` is how many have events, counted where every point is computed for each of them, else None.
    """

    view: str
    whole: Range
    pieces: tuple[Piece, ...]
    kept: tuple[Range, ...]
    held: tuple[Range, ...]
    stale: tuple[Stale, ...]
    lost: tuple[Range, ...]
    pace: Pace
    entities: int | None = None

    @property
    def rows(self) -> int | None:
        """How many of the source's rows are read in all, once for each chunk that needs them; None: not known."""
        return _sum(piece.reading.rows for piece in self.pieces)

    @property
    def bytes(self) -> int | None:
        """How many bytes of files are read in all; None for a table."""
        return _sum(piece.reading.bytes for piece in self.pieces)

    @property
    def files(self) -> int:
        """How many different files are read."""
        return len({file for piece in self.pieces for file in piece.reading.files})

    @property
    def points(self) -> int:
        """How many grid points are computed."""
        return sum(piece.points for piece in self.pieces)

    @property
    def most_asked(self) -> int | None:
        """How many rows are computed at most where every point is; None where only those are that may change."""
        return None if self.entities is None else self.entities * self.points

    @property
    def seconds(self) -> float | None:
        """How long it may take, by past chunks of the view; None where there are none."""
        return self.pace.seconds_for(len(self.pieces), self.rows) if self.pieces else 0.0


def plan(
    program: BackfillProgram,
    whole: Range,
    chunk: Chunk,
    history: History | None,
    sources: SourceFiles | TableRows,
    *,
    anew: bool = False,
) -> Plan:
    """What is to be done for the range to be in the history; with `anew` all of it is."""
    points = Points(program.grid, program.every_us)
    pace = history.pace if history is not None else NO_PACE
    done: tuple[Done, ...] = ()
    stale: list[Stale] = []
    lost: tuple[Range, ...] = ()
    if history is not None and history.done:
        same = (history.definition, history.every_us) == (program.definition, program.every_us)
        if same:
            done = history.done
        else:
            stale = [Stale(part.range, _why(program, history)) for part in history.done]
            lost = tuple(part for old in history.done for part in old.range.without([whole]))
    kept = []
    for part in done:
        inside = part.range.overlap(whole)
        if inside is None:
            continue
        why = "asked for" if anew else _changed(program, part, points, sources)
        if why is None:
            kept.append(inside)
        else:
            stale.append(Stale(inside, why))
    held = tuple(part.range for part in done)
    pieces = [_piece(program, part, points, sources) for unit in cut(whole, chunk) for part in unit.without(kept)]
    return Plan(program.view, whole, tuple(pieces), tuple(kept), held, tuple(stale), lost, pace)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = list(numbers)
    return None if None in known else sum(number for number in known if number is not None)


def _piece(program: BackfillProgram, part: Range, points: Points, sources: SourceFiles | TableRows) -> Piece:
    stretch = points.stretch(part.start_us, part.end_us)
    if stretch is None:
        return Piece(part, None, 0, Reading((), 0, 0))
    return Piece(part, stretch, points.count(stretch), sources.read(window_of(stretch, program.reading)))


def _why(program: BackfillProgram, history: History) -> str:
    if history.every_us != program.every_us:
        return "it is on another grid"
    return "the view's definition changed"


def _changed(program: BackfillProgram, part: Done, points: Points, sources: SourceFiles | TableRows) -> str | None:
    """Why the part is no longer what would be made now; None where it is."""
    stretch = points.stretch(part.made.start_us, part.made.end_us)
    if stretch is None:
        return None
    now = sources.read(window_of(stretch, program.reading))
    if now.content != part.sources.content:
        return "the rows of its source's table changed"
    return next(_differences(part.sources.files, now.files), None)


def _differences(before: Sequence[FileState], now: Sequence[FileState]) -> Iterator[str]:
    was, is_now = {file.path: file for file in before}, {file.path: file for file in now}
    for path, state in is_now.items():
        if path not in was:
            yield f"{path} is new"
        elif was[path] != state:
            yield f"{path} changed"
    for path in was.keys() - is_now.keys():
        yield f"{path} is gone"
