"""What a backfill does, as text that a warehouse runs: made by the compiler, run by `fpc.runtime.backfill`.

Standard library only. The SQL reads relations by name (see `BackfillProgram`) and the session's variables `before_us`,
`first_us`, `last_us` (grid points, in microseconds), `oldest_us`, `newest_us` (the events that may count at them) and
`opens` (whether the history before `first_us` is unknown).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from fpc.contract.registry import ColumnContract, GridContract
from fpc.contract.training import TrainingProgram

#: The column of a history that says why the row is there: the value of a `Change`.
CHANGE: Final = "_change"


class Change(Enum):
    """Why a history has a row at a grid point."""

    APPEARED = "appeared"  # the entity had no row at the point before
    CHANGED = "changed"  # a value differs from the one at the point before
    REMOVED = "removed"  # the entity has no row any more: the values are those of an entity without events
    CARRIED = "carried"  # as at the point before, of which the history knows nothing: the start of what is filled


@dataclass(frozen=True, slots=True)
class TimeBound:
    """A raw column whose statistics bound instants: an epoch number in `unit`, else a timestamp.

    `slack_us` is how far the column's own reading may be from UTC.
    """

    column: str
    unit: str | None
    slack_us: int


@dataclass(frozen=True, slots=True)
class PartitionBound:
    """The column by which files are partitioned; `has_end` says that later partitions hold nothing of earlier times."""

    column: str
    grain: str
    has_end: bool


@dataclass(frozen=True, slots=True)
class SourceReading:
    """Which raw rows a stretch of grid points needs.

    `condition` is a WHERE over raw columns and the variables. `reach_us` is how far before an instant events may count
    (None: all of them). `columns` are the raw columns that are read.
    """

    condition: str
    reach_us: int | None
    event_time: TimeBound
    known_time: TimeBound | None
    partition: PartitionBound | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackfillProgram:
    """How the history of one view is computed.

    `table` is `schema.name` of the history: columns `keys`, `features`, `as_of` and `_change`, one row per entity and
    grid point at which its row differs from the one at the point before. `definition` is a hash of everything but the
    data that decides its rows. `training` computes the view in mode exact; `asks` makes the relation `instants` from
    its events, `changes` the history's rows from `instants` and `values_0`. With `every_us` the history is on a grid
    of its own: the first point of the schedule in each multiple of it. `moves` says that values move with time alone,
    so that every point of the grid is computed.
    """

    view: str
    table: str
    definition: str
    grid: GridContract
    every_us: int | None
    keys: tuple[ColumnContract, ...]
    features: tuple[ColumnContract, ...]
    training: TrainingProgram
    asks: str
    changes: str
    reading: SourceReading
    moves: bool
