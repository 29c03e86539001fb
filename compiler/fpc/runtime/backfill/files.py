"""Which of a source's files a stretch of grid points needs, and how much is read of them.

A file is left out when its partition, or the statistics in its footer, say that none of its rows can count. What is
left out cannot change the stretch's rows, so the others are all that a chunk need be held against later on.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.backfill import PartitionBound, SourceReading, TimeBound
from fpc.runtime.backfill.reading import FileState, Reading, Window

_DAY: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1)
_MICROSECOND: Final = timedelta(microseconds=1)
_PER_SECOND: Final = {"s": 1_000_000.0, "ms": 1_000.0, "us": 1.0, "ns": 0.001}
_DATED: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?(?!\d)")
#: Footers are read of so many files at a time.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of a file that are read together: how many, bytes of the columns that are read, and what times they hold."""

    rows: int
    bytes: int
    first_event_us: int | None
    last_event_us: int | None
    first_known_us: int | None

    def may_count(self, window: Window) -> bool:
        """Whether a row of it may be needed; where the footer says nothing, it may."""
        too_new = [first for first in (self.first_event_us, self.first_known_us) if first is not None]
        if any(first > window.newest_us for first in too_new):
            return False
        last = self.last_event_us
        return window.oldest_us is None or last is None or last >= window.oldest_us


class SourceFiles:
    """The files of a source as they are now; footers are read when they are first needed."""

    def __init__(self, files: Iterable[Path], root: Path, reading: SourceReading) -> None:
        """Look at every file's size and time of change, and at the partition in its path."""
        self._reading = reading
        self._paths: dict[FileState, Path] = {}
        self._partitions: dict[FileState, tuple[int, int] | None] = {}
        self._groups: dict[FileState, tuple[RowGroup, ...] | None] = {}
        for path in files:
            found = path.stat()
            name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
            state = FileState(name, found.st_size, found.st_mtime_ns)
            self._paths[state] = path
            self._partitions[state] = _partition(path, reading.partition)

    @property
    def any(self) -> Path:
        """One of the files, for their columns."""
        return next(iter(self._paths.values()))

    def path(self, state: FileState) -> Path:
        """Where the file is."""
        return self._paths[state]

    def read(self, window: Window) -> Reading:
        """What is read for the window."""
        near = [state for state, held in self._partitions.items() if self._partition_may_count(held, window)]
        self._read_footers(near)
        files: list[FileState] = []
        rows, size, is_counted = 0, 0, True
        for state in near:
            groups = self._groups[state]
            if groups is None:
                files.append(state)
                is_counted, size = False, size + state.size
                continue
            needed = [group for group in groups if group.may_count(window)]
            if needed:
                files.append(state)
                rows += sum(group.rows for group in needed)
                size += sum(group.bytes for group in needed)
        return Reading(tuple(files), rows if is_counted else None, size)

    def _partition_may_count(self, held: tuple[int, int] | None, window: Window) -> bool:
        """`held` are the days [first, after the last) that the partition is named after; a local date is a day off."""
        bound = self._reading.partition
        if held is None or bound is None:
            return True
        first, after = held
        if bound.has_end and first - _DAY > window.newest_us:
            return False
        return window.oldest_us is None or after + _DAY > window.oldest_us

    def _read_footers(self, states: Iterable[FileState]) -> None:
        unread = [state for state in states if state not in self._groups]
        parquet = [state for state in unread if self._paths[state].suffix.lower() == ".parquet"]
        self._groups.update(dict.fromkeys(unread))
        if not parquet:
            return
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for first in range(0, len(parquet), _AT_ONCE):
                some = parquet[first : first + _AT_ONCE]
                groups = _row_groups(connection, [str(self._paths[state]) for state in some], self._reading)
                if groups is not None:
                    self._groups.update({state: tuple(groups.get(str(self._paths[state]), ())) for state in some})


def _row_groups(
    connection: duckdb.DuckDBPyConnection, names: list[str], reading: SourceReading
) -> Mapping[str, list[RowGroup]] | None:
    """The row groups of Parquet files by their names; None where the footers cannot be read: then all is read."""
    event, known = reading.event_time, reading.known_time
    read = [column.lower() for column in reading.columns]
    query = """
        SELECT file_name, ANY_VALUE(row_group_num_rows),
            COALESCE(SUM(total_compressed_size) FILTER (LIST_CONTAINS($read, LOWER(path_in_schema))), 0),
            ANY_VALUE(stats_min_value) FILTER (LOWER(path_in_schema) = $event),
            ANY_VALUE(stats_max_value) FILTER (LOWER(path_in_schema) = $event),
            ANY_VALUE(stats_min_value) FILTER (LOWER(path_in_schema) = $known)
        FROM parquet_metadata($names)
        GROUP BY file_name, row_group_id
        ORDER BY file_name, row_group_id
    """
    named = {
        "names": names,
        "read": read,
        "event": event.column.lower(),
        "known": known.column.lower() if known else "",
    }
    try:
        rows = connection.execute(query, named).fetchall()
    except duckdb.Error:
        return None
    found: dict[str, list[RowGroup]] = {}
    for name, count, size, first, last, first_known in rows:
        found.setdefault(str(name), []).append(
            RowGroup(
                int(count),
                int(size),
                _instant(first, event, -1),
                _instant(last, event, 1),
                None if known is None else _instant(first_known, known, -1),
            )
        )
    return found


def _instant(text: str | None, bound: TimeBound, towards: int) -> int | None:
    """A statistic of a time column, moved outwards by what it may be off; None for what is no instant."""
    if text is None:
        return None
    try:
        if bound.unit is not None:
            return int(float(text) * _PER_SECOND[bound.unit]) + towards * 2_000_000
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    microseconds = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
    return microseconds + towards * bound.slack_us


def _partition(path: Path, bound: PartitionBound | None) -> tuple[int, int] | None:
    """The days [first, after the last) that a folder `column=value` names, in microseconds; None where none does."""
    if bound is None:
        return None
    for folder in path.parts[:-1]:
        name, found, value = folder.partition("=")
        dated = _DATED.match(value) if found and name.lower() == bound.column.lower() else None
        if dated is not None and (dated[3] or bound.grain == "month"):
            try:
                return _days(date(int(dated[1]), int(dated[2]), int(dated[3] or 1)), bound.grain)
            except ValueError:
                return None
    return None


def _days(first: date, grain: str) -> tuple[int, int]:
    length = calendar.monthrange(first.year, first.month)[1] if grain == "month" else 1
    return (first - _EPOCH).days * _DAY, (first + timedelta(days=length) - _EPOCH).days * _DAY
