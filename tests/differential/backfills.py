"""A case's view backfilled for real: files in, a warehouse out; and the checks of the history that comes out."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet
from tests.differential.case import Case, instant
from tests.differential.check import check_row
from tests.differential.engine import Engine, Repository

from fpc.contract.backfill import BackfillProgram
from fpc.contract.registry import TargetContract
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.run import Job, fill
from fpc.runtime.content import ContentHash
from fpc.runtime.scratch import Limits
from fpc.sql.history import lower_history

Row = dict[str, Any]
#: Row groups so small that footers leave some out.
ROWS_PER_GROUP = 3
ONE_THREAD = Limits(threads=1)


@dataclass(frozen=True)
class Backfill:
    """A repository whose source has many small row groups, and a warehouse of its own by name."""

    repository: Repository
    database: str
    limits: Limits = ONE_THREAD

    def __post_init__(self) -> None:
        path = self.repository.root / "data" / "s.parquet"
        parquet.write_table(self.repository.raw(), path, row_group_size=ROWS_PER_GROUP)

    @property
    def job(self) -> Job:
        return Job(
            self.repository.root,
            TargetContract("dev", "duckdb", self.database, "memory", None),
            chunk=Chunk.ALL,
            limits=self.limits,
            kernel=False,
        )

    @property
    def program(self) -> BackfillProgram:
        return lower_history(self.repository.model, self.repository.view, "main.v__history")

    def fill(self, parts: Iterable[Range]) -> pa.Table:
        for part in parts:
            fill(self.job, self.program, part)
        return self.table()

    def table(self) -> pa.Table:
        """The history in the order of its points and keys."""
        with duckdb.connect(str(self.repository.root / self.database), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            order = ", ".join(f'"{key}"' for key in ("as_of", *self.repository.case.keys))
            return connection.sql(f"SELECT * FROM main.v__history ORDER BY {order}").to_arrow_table()


def digest(table: pa.Table) -> str:
    """A hash of every bit of every value."""
    found = ContentHash(table.schema)
    for batch in table.to_batches():
        found.update(batch)
    return found.digest()


def span(case: Case) -> Range:
    """From an early point while the events happen to behind the last one."""
    near = case.near()
    return Range(near[len(near) // 4], near[-1] + 1_000)


def parts(whole: Range, dice: random.Random, most: int = 5) -> list[Range]:
    """The range cut at instants of no meaning, in no order."""
    cuts = sorted({dice.randrange(whole.start_us + 1, whole.end_us) for _ in range(dice.randrange(1, most))})
    edges = [whole.start_us, *cuts, whole.end_us]
    found = [Range(start, end) for start, end in itertools.pairwise(edges)]
    dice.shuffle(found)
    return found


def check_history(engine: Engine, repository: Repository, whole: Range, table: pa.Table, points: list[int]) -> int:
    """At each point the newest row up to it is what a refresh as of it gives, and what the oracle says."""
    case, cells = repository.case, 0
    rows = table.to_pylist()
    for snapshot in engine.snapshots(repository, points):
        newest: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            if row["as_of"] <= instant(snapshot.at):
                newest[tuple(row[key] for key in case.keys)] = row
        there = {entity for entity, row in newest.items() if row["_change"] != "removed"}
        assert there == set(snapshot.table), f"who has a row at {instant(snapshot.at)}\n{case!r}"
        for entity, row in newest.items():
            found = {name: row[name] for name in repository.outputs}
            if entity in there:
                cells += check_row(case, "history", entity, snapshot.at, case.exact(entity, snapshot.at), found)
            elif row["as_of"] == instant(snapshot.at):
                cells += check_row(case, "removal", entity, snapshot.at, case.exact(entity, snapshot.at), found)
            else:
                cells += 1
    assert all(whole.start_us <= _us(row["as_of"]) < whole.end_us for row in rows)
    return cells


def check_least(case: Case, table: pa.Table, first: int) -> None:
    """No row says what the one before it said already; what is carried stands at the first point alone."""
    before: dict[tuple[Any, ...], Row] = {}
    for row in table.to_pylist():
        entity = tuple(row[key] for key in case.keys)
        last = before.get(entity)
        assert (row["_change"] == "carried") <= (_us(row["as_of"]) == first)
        if last is None:
            assert row["_change"] != "removed" or _us(row["as_of"]) == first
        else:
            assert _values(row) != _values(last) or (row["_change"] == "removed") != (last["_change"] == "removed")
            assert (row["_change"] == "appeared") == (last["_change"] == "removed")
        before[entity] = row


def _values(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if name not in ("as_of", "_change")}


def _us(at: Any) -> int:
    microseconds: int = (at - instant(0)) // (instant(1) - instant(0))
    return microseconds
