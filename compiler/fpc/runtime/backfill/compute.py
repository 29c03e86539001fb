"""Computes a stretch of a history in a scratch database: the warehouse stays free for others meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fpc.contract.backfill import BackfillProgram
from fpc.runtime.backfill.points import Stretch
from fpc.runtime.backfill.reading import Window
from fpc.runtime.backfill.table_rows import COPY
from fpc.runtime.quoting import literal, quoted
from fpc.runtime.raw_rows import Place, attach_source
from fpc.runtime.scratch import Scratch
from fpc.runtime.shard import Shard
from fpc.runtime.training import compute_view, explained, shards_for

#: The table of the made file that holds the rows, in the order of `as_of` and the keys.
ROWS: Final = "rows"
_FILE: Final = "made.duckdb"


@dataclass(frozen=True, slots=True)
class Task:
    """What to compute: the stretch's rows, from these files, or from the copy of a table in a database file.

    With `opens` the rows that stand at the first point are among them, changed or not.
    """

    stretch: Stretch
    window: Window
    opens: bool
    files: tuple[Path, ...]
    copy: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The rows, in the table `ROWS` of a database file of their own, and how many."""

    file: Path
    rows: int


def compute(scratch: Scratch, program: BackfillProgram, task: Task, root: Path, *, kernel: bool | None = None) -> Made:
    """Compute the task's rows in the scratch database, and leave them in a file of its folder; closes the connection.

    Memory beyond the scratch database's limits goes to disk. Raises `FpcRuntimeError`.
    """
    (view,), (source,) = program.training.views, program.training.sources
    connection = scratch.connection
    points = task.stretch
    for name, at_us in (("before_us", points.before_us), ("first_us", points.first_us), ("last_us", points.last_us)):
        connection.execute(f"SET VARIABLE {name} = CAST({at_us} AS BIGINT)")
    connection.execute(f"SET VARIABLE opens = {'TRUE' if task.opens else 'FALSE'}")
    _attach(scratch, program, task.window, task.files, task.copy, root)
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


def count_entities(
    scratch: Scratch, program: BackfillProgram, window: Window, files: tuple[Path, ...], copy: Path | None, root: Path
) -> int:
    """How many entities have events in a window."""
    (view,), (source,) = program.training.views, program.training.sources
    _attach(scratch, program, window, files, copy, root)
    keys = ", ".join(quoted(key.name) for key in view.inner_keys)
    with explained(scratch, source, view):
        query = f"SELECT COUNT(*) FROM (SELECT DISTINCT {keys} FROM ({view.events.sql}))"
        return int(scratch.connection.execute(query).fetchall()[0][0])


def _attach(
    scratch: Scratch, program: BackfillProgram, window: Window, files: tuple[Path, ...], copy: Path | None, root: Path
) -> None:
    """Make the window's raw rows readable under the source's relation."""
    (source,), connection = program.training.sources, scratch.connection
    window.set_variables(connection)
    if copy is not None:
        connection.execute(f"ATTACH {literal(str(copy))} AS copied (READ_ONLY)")
        connection.execute(f"CREATE TEMP VIEW {quoted(source.relation)} AS SELECT * FROM copied.{COPY}")
    else:
        attach_source(connection, source, Place(root), only=files, condition=program.reading.condition)


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
