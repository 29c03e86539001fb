"""Computes a stretch of a history in a scratch database: the warehouse stays free for others meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fpc.contract.backfill import BackfillProgram
from fpc.runtime.backfill.files import Window
from fpc.runtime.backfill.points import Stretch
from fpc.runtime.quoting import literal, quoted
from fpc.runtime.raw_rows import Place, attach_source
from fpc.runtime.scratch import Scratch
from fpc.runtime.shard import Shard
from fpc.runtime.training import compute_view, explained, shards_for

#: The table of the made file that holds the rows, in the order of `as_of` and the keys.
ROWS: Final = "rows"
_FILE: Final = "made.duckdb"
#: DuckDB's instants reach no further.
_OLDEST: Final = -9_000_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """What to compute: the stretch's rows, from these files (None: from the table `source_table` of a file).

    With `opens` the rows that stand at the first point are among them, changed or not.
    """

    stretch: Stretch
    window: Window
    opens: bool
    files: tuple[Path, ...] | None
    source_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The rows, in the table `ROWS` of a database file of their own, and how many."""

    file: Path
    rows: int


#: The name of the table in `Task.source_file`.
SOURCE_TABLE: Final = "source_rows"


def compute(scratch: Scratch, program: BackfillProgram, task: Task, root: Path, *, kernel: bool | None = None) -> Made:
    """Compute the task's rows in the scratch database, and leave them in a file of its folder; closes the connection.

    Memory beyond the scratch database's limits goes to disk. Raises `FpcRuntimeError`.
    """
    (view,), (source,) = program.training.views, program.training.sources
    connection = scratch.connection
    numbers = {
        "before_us": task.stretch.before_us,
        "first_us": task.stretch.first_us,
        "last_us": task.stretch.last_us,
        "oldest_us": max(_OLDEST, task.window.oldest_us) if task.window.oldest_us is not None else _OLDEST,
        "newest_us": task.window.newest_us,
    }
    for name, number in numbers.items():
        connection.execute(f"SET VARIABLE {name} = CAST({number} AS BIGINT)")
    connection.execute(f"SET VARIABLE opens = {'TRUE' if task.opens else 'FALSE'}")
    if task.source_file is not None:
        connection.execute(f"ATTACH {literal(str(task.source_file))} AS copied (READ_ONLY)")
        connection.execute(f"CREATE TEMP VIEW {quoted(source.relation)} AS SELECT * FROM copied.{SOURCE_TABLE}")
    else:
        attach_source(connection, source, Place(root), only=task.files, condition=program.reading.condition)
    with explained(scratch, source, view):
        kind = "TEMP TABLE" if view.versions else "TEMP VIEW"
        connection.execute(f"CREATE {kind} {quoted(view.events.name)} AS {view.events.sql}")
        connection.execute(f"CREATE TEMP TABLE every_instant AS {program.asks}")
        connection.execute(f"DROP {kind.split()[-1]} {quoted(view.events.name)}")
        connection.execute("CREATE TEMP VIEW instants AS SELECT * FROM every_instant")
        (asked,) = connection.execute("SELECT COUNT(*) FROM every_instant").fetchall()[0]
        (events,) = connection.execute(f"SELECT COUNT(*) FROM {quoted(source.relation)}").fetchall()[0]
        shards = shards_for(max(asked, events), scratch.limits)
        compute_view(scratch, source, view, 0, shards=shards, kernel=kernel)
        return _keep(scratch, program, shards)


def _keep(scratch: Scratch, program: BackfillProgram, shards: int) -> Made:
    connection, file = scratch.connection, scratch.folder / _FILE
    connection.execute(f"CREATE TEMP TABLE changed ({', '.join(columns_of(program))})")
    for place in range(shards):
        of_shard = Shard(shards, place).condition(program.keys)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW instants AS SELECT * FROM every_instant {of_shard}")
        connection.execute(f"INSERT INTO changed {program.changes}")
    connection.execute(f"ATTACH {literal(str(file))} AS made")
    order = ", ".join(["as_of", *(quoted(key.name) for key in program.keys)])
    connection.execute(f"CREATE TABLE made.{ROWS} AS SELECT * FROM changed ORDER BY {order}")
    (rows,) = connection.execute(f"SELECT COUNT(*) FROM made.{ROWS}").fetchall()[0]
    connection.execute("DETACH made")
    connection.close()
    return Made(file, int(rows))


def columns_of(program: BackfillProgram) -> Sequence[str]:
    """The history's columns as they are declared to the engine."""
    columns = [(key.name, key.type) for key in program.keys]
    columns += [(feature.name, feature.type) for feature in program.features]
    needed = {key.name for key in program.keys} | {"as_of", "_change"}
    columns += [("as_of", "timestamptz"), ("_change", "varchar")]
    return [f"{quoted(name)} {type_}{' NOT NULL' if name in needed else ''}" for name, type_ in columns]
