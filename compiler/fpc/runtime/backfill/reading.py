"""What a stretch of grid points needs of a source: a window of instants, and what is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb

from fpc.contract.backfill import SourceReading
from fpc.runtime.backfill.points import Stretch

#: Stands for "since ever", where a variable must have a number.
_OLDEST: Final = -9_000_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """The instants whose events a stretch may need, both ends in; `oldest_us` None: since ever."""

    oldest_us: int | None
    newest_us: int

    def set_variables(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Tell the session, as the condition of a `SourceReading` asks."""
        oldest = _OLDEST if self.oldest_us is None else max(_OLDEST, self.oldest_us)
        for name, number in (("oldest_us", oldest), ("newest_us", self.newest_us)):
            connection.execute(f"SET VARIABLE {name} = CAST({number} AS BIGINT)")


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it is found: its path relative to the repository, its size, and when it changed."""

    path: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: the files, how many rows (None: not known before) and bytes of them.

    Of a table there are no files and no bytes, but `content`, a hash of the rows.
    """

    files: tuple[FileState, ...]
    rows: int | None
    bytes: int | None
    content: str | None = None


def window_of(stretch: Stretch, reading: SourceReading) -> Window:
    """What a stretch needs: also for the point before its first, with which that is compared."""
    oldest = None if reading.reach_us is None else stretch.before_us - reading.reach_us
    return Window(oldest, stretch.last_us)
