"""Runs a training program: each row of a spine gets its features, in bounded memory, in the spine's order."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow as pa

from fpc.contract.training import (
    ROWS_PER_SHARD,
    TrainingColumn,
    TrainingProgram,
    TrainingSource,
    TrainingStep,
    TrainingView,
)
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.index import IndexKey, IndexUse
from fpc.runtime.indexing import Indexing
from fpc.runtime.own_columns import with_own
from fpc.runtime.quoting import quoted
from fpc.runtime.raw_rows import Place, attach_source, attach_warehouse, changed_types, first_line
from fpc.runtime.scratch import UNLIMITED, Limits, Scratch
from fpc.runtime.shard import Shard
from fpc.runtime.spine import ROW, LoadedSpine, QuerySpine, Spine, SpineColumns, TableSpine, load_spine
from fpc.runtime.view_values import make_values

#: What sorting and joining an event takes, measured; a shard of the entities gets as many as fit in the limit.
_BYTES_PER_EVENT = 90
#: Loading the compiled kernel takes seconds, which fewer events never give back.
_KERNEL_PAYS_FROM_ROWS = 2_000_000


class TrainingResult:
    """A finished training set in its scratch database, until `close` (or the garbage collector) removes it."""

    def __init__(
        self,
        scratch: Scratch,
        program: TrainingProgram,
        spine: LoadedSpine,
        files: dict[str, tuple[Path, ...]],
        in_order: frozenset[int] = frozenset(),
        indexes: tuple[IndexUse, ...] = (),
    ) -> None:
        """Take over the scratch database that holds the result's parts; `files` are those read, by source.

        Views whose place is `in_order` have a row of values per row of the spine, in its order. `indexes` says what
        became of each view's index, where one was asked for.
        """
        self._scratch = scratch
        self.program = program
        self.spine = spine
        self.files = files
        self.indexes = indexes
        self._in_order = in_order
        self._query = _final_query(program, spine, in_order)
        self._finalizer = weakref.finalize(self, scratch.close)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The scratch database."""
        return self._scratch.connection

    @property
    def query(self) -> str:
        """The SELECT that brings the result: the spine's columns, then the features, in the spine's order."""
        return self._query

    def text_query(self) -> str:
        """As `query`, with the columns of a CSV spine in their own text: what a CSV file is written from."""
        if not self.spine.text:
            return self._query
        return _final_query(self.program, self.spine, self._in_order, own="spine_text")

    def batches(self, rows: int = 100_000) -> pa.RecordBatchReader:
        """The result as a stream; read it to its end before asking for anything else."""
        reader = self.connection.sql(self._query).to_arrow_reader(rows)
        return reader if self.spine.given is None else with_own(reader, self.spine.given)

    def close(self) -> None:
        """Remove the scratch database."""
        self._finalizer()


def run(
    program: TrainingProgram,
    spine: Spine,
    columns: SpineColumns,
    place: Place,
    limits: Limits = UNLIMITED,
    *,
    shards: int | None = None,
    kernel: bool | None = None,
    index: bool = False,
) -> TrainingResult:
    """Compute the program's features for every row of the spine.

    Memory beyond `limits` goes to disk; with a memory limit the entities are computed one hash shard after another.
    `kernel` says whether the compiled kernel does what it can; by default it does where it is installed and the source
    is large enough to be worth its start. With `index`, what the kernel lays out is kept below the repository for the
    next run over the same events. The values are the same.
    """
    scratch = Scratch(limits)
    try:
        result = _run(scratch, program, spine, columns, place, shards=shards, kernel=kernel, index=index)
    except BaseException:
        scratch.close()
        raise
    return result


def _run(
    scratch: Scratch,
    program: TrainingProgram,
    spine: Spine,
    columns: SpineColumns,
    place: Place,
    *,
    shards: int | None,
    kernel: bool | None,
    index: bool,
) -> TrainingResult:
    connection = scratch.connection
    if isinstance(spine, (TableSpine, QuerySpine)) or any(source.table is not None for source in program.sources):
        attach_warehouse(connection, place)
    files = {source.name: attach_source(connection, source, place) for source in program.sources}
    loaded = load_spine(connection, spine, columns, program)
    sources = {source.name: source for source in program.sources}
    indexing = Indexing(place.root, files) if index else None
    in_order = set()
    for place_in_program, view in enumerate(program.views):
        source = sources[view.source]
        with explained(scratch, source, view):
            if compute_view(scratch, source, view, place_in_program, shards=shards, kernel=kernel, indexing=indexing):
                in_order.add(place_in_program)
    if in_order:
        # What stands side by side must be read in the order in which it was made.
        connection.execute("SET preserve_insertion_order = true")
    uses = tuple(indexing.uses.values()) if indexing else ()
    return TrainingResult(scratch, program, loaded, files, frozenset(in_order), uses)


@contextmanager
def explained(scratch: Scratch, source: TrainingSource, view: TrainingView) -> Iterator[None]:
    """Say what the engine's errors mean while a view is computed from its source; as `FpcRuntimeError`."""
    try:
        yield
    except duckdb.ConversionException as error:
        raise _conversion(scratch.connection, source, view, error) from error
    except (duckdb.IOException, OSError) as error:
        raise _io(error) from error
    except duckdb.OutOfMemoryException as error:
        raise FpcRuntimeError(
            f"view `{view.name}` needs more memory than the limit of {scratch.limits.memory or 'the machine'}",
            kept="nothing was written",
            help="raise the memory limit, or make room on the disk for temporary files",
        ) from error
    except (duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        raise FpcRuntimeError(
            f"view `{view.name}`: {first_line(error)}", kept="nothing was written", exit_code=1
        ) from error


def compute_view(
    scratch: Scratch,
    source: TrainingSource,
    view: TrainingView,
    number: int,
    *,
    shards: int | None = None,
    kernel: bool | None = None,
    indexing: Indexing | None = None,
) -> bool:
    """Make `values_<number>` (and `answers_<number>` as served) from the relations `instants` and the source's.

    Without `shards` there are as many as the memory limit asks for; `kernel` is as for `run`; `indexing` has the
    indexes to use. Says whether the values stand in the spine's order.
    """
    connection = scratch.connection
    count = shards or shards_for(_rows(connection, source), scratch.limits)
    compiled = _uses_kernel(connection, source, view, kernel)
    key = indexing.key_for(view, source, count, kernel=compiled) if indexing else None
    slide = (lambda shard: _slide(connection, view, shard, indexing, key)) if compiled else None
    return make_values(scratch, view, number, count, slide)


def _uses_kernel(
    connection: duckdb.DuckDBPyConnection, source: TrainingSource, view: TrainingView, wanted: bool | None
) -> bool:
    if view.kernel is None or wanted is False:
        return False
    is_installed = find_spec("numba") is not None
    if wanted and not is_installed:
        raise FpcRuntimeError(
            "the compiled kernel needs numba, which is not installed",
            kept="nothing was written",
            help="install fpc with its extra `kernel`, or leave the kernel out",
        )
    return is_installed and (wanted or _rows(connection, source) >= _KERNEL_PAYS_FROM_ROWS)


def _slide(
    connection: duckdb.DuckDBPyConnection,
    view: TrainingView,
    shard: Shard,
    indexing: Indexing | None,
    key: IndexKey | None,
) -> pa.Table | None:
    """The compiled kernel's states, from the index of `key` if there is one; None where these data do not suit it."""
    from fpc.runtime.kernel.step import KernelUnfitError, make_states

    assert view.kernel is not None
    if indexing is not None and key is not None:
        if shard.of == 1:
            states, is_final = indexing.make_states(connection, view, key)
            if is_final:
                return states
        else:
            indexing.refuse(view, "its entities did not fit in memory at once")
    try:
        return make_states(connection, view.kernel.program, view.inner_keys, view.asked.name, view.events.name)
    except KernelUnfitError:
        return None


def _final_query(program: TrainingProgram, spine: LoadedSpine, in_order: frozenset[int], own: str = "spine") -> str:
    """Every row of the spine with its values: those in its order beside it, the others by its number."""
    columns = {
        column.column: _value(column, number, served=view.answers is not None)
        for number, view in enumerate(program.views)
        for column in view.columns
    }
    selected = [f"{own}.{quoted(name)}" for name in spine.columns] + [columns[name] for name in program.columns]
    # The spine comes last, because what is on the right is copied.
    beside = [*(f"values_{number}" for number in sorted(in_order)), "spine"]
    joins = [] if own == "spine" else [f"JOIN {own} ON {own}.{ROW} = spine.{ROW}"]
    for number, view in enumerate(program.views):
        if number in in_order:
            continue
        row = f"spine.{ROW}"
        if view.answers is not None:
            joins.append(f"LEFT JOIN answers_{number} ON answers_{number}.spine_row = spine.{ROW}")
            row = f"answers_{number}.ask"
        joins.append(f"LEFT JOIN values_{number} ON values_{number}._ask = {row}")
    query = f"SELECT {', '.join(selected)} FROM {' POSITIONAL JOIN '.join(beside)} {' '.join(joins)}"
    return f"{query} ORDER BY spine.{ROW}" if joins else query


def _value(column: TrainingColumn, view: int, *, served: bool) -> str:
    value = f"values_{view}.{quoted(column.feature)}"
    # What was never served, or too long ago, is missing: the default stands in.
    if served and column.default_sql is not None:
        value = f"COALESCE({value}, {column.default_sql})"
    return f"CAST({value} AS {_portable(column.type)}) AS {quoted(column.column)}"


def _portable(type_: str) -> str:
    """The type in files: none of the formats has 128-bit integers."""
    return "DECIMAL(38, 0)" if type_ == "hugeint" else type_


def shards_for(rows: int, limits: Limits) -> int:
    """In how many hash shards so many rows are computed, one after another, within the memory limit."""
    fewest = -(-rows // (ROWS_PER_SHARD // 2))
    if limits.memory_bytes is None:
        return max(1, fewest)
    return max(1, fewest, -(-rows * _BYTES_PER_EVENT // limits.memory_bytes))


def _rows(connection: duckdb.DuckDBPyConnection, source: TrainingSource) -> int:
    return int(connection.execute(f"SELECT COUNT(*) FROM {quoted(source.relation)}").fetchall()[0][0])


def _conversion(
    connection: duckdb.DuckDBPyConnection, source: TrainingSource, view: TrainingView, error: Exception
) -> FpcRuntimeError:
    changed = changed_types(connection, source)
    if changed:
        return FpcRuntimeError(
            f"source `{source.name}` has a column that is not of its declared type: {'; '.join(changed)}",
            kept="nothing was written",
            help="declare the type that the files have now, or mend the files",
            exit_code=1,
        )
    return FpcRuntimeError(f"view `{view.name}`: {first_line(error)}", kept="nothing was written", exit_code=1)


def _io(error: duckdb.IOException | OSError) -> FpcRuntimeError:
    full = "no space left" in str(error).lower() or "disk" in str(error).lower()
    return FpcRuntimeError(
        "the disk is full" if full else f"reading failed: {first_line(error)}",
        kept="nothing was written; what was there before is as it was",
        help="make room in the folder for temporary files (TMPDIR) and where the result goes" if full else "",
    )


__all__ = ["TrainingResult", "TrainingStep", "compute_view", "explained", "run", "shards_for"]
