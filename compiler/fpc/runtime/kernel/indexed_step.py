"""The kernel as a step of a training program, over a layout that is kept on disk from one training set to the next."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from fpc.contract.kernel import KernelProgram
from fpc.contract.registry import ColumnContract
from fpc.runtime.index import IndexFolder, IndexKey, IndexState, IndexUse, settle, size_of
from fpc.runtime.kernel.kept import ENTITIES, KeptLayout, open_layout, write_layout
from fpc.runtime.kernel.layout import Asked, Entities, Ints, lay_out_asked
from fpc.runtime.kernel.run import KernelOverflowError, run
from fpc.runtime.kernel.step import (
    INTEGERS,
    NUMBERED,
    WIDEST_RANGE,
    KernelUnfitError,
    drop_leftovers,
    fetch_asks,
    names_of,
    read_events,
)
from fpc.runtime.quoting import literal, quoted


def make_states_from_index(
    connection: duckdb.DuckDBPyConnection,
    program: KernelProgram,
    keys: Sequence[ColumnContract],
    asked: str,
    events: str,
    indexes: IndexFolder,
    key: IndexKey,
) -> tuple[pa.Table, IndexUse]:
    """As `make_states`, from the index of `key`, which is made of `events` first where it is not there.

    Raises `KernelUnfitError`, and `OSError` where an index can't be kept or read.
    """
    drop_leftovers(connection)
    connection.execute("SET preserve_insertion_order = true")
    try:
        layout, use = _open(connection, program, keys, events, indexes, key)
        asks, instants, spine = _lay_out_asks(connection, keys, asked, layout.offsets.size - 1)
        states = run(program, layout.runs(spine), spine, layout.sizes)
    except KernelOverflowError as error:
        raise KernelUnfitError("a sum may not fit 64 bits") from error
    finally:
        connection.execute("SET preserve_insertion_order = false")
        drop_leftovers(connection)
    return pa.table({"ask": pa.array(asks), "asked_us": pa.array(instants), **states}), use


def _open(
    connection: duckdb.DuckDBPyConnection,
    program: KernelProgram,
    keys: Sequence[ColumnContract],
    events: str,
    indexes: IndexFolder,
    key: IndexKey,
) -> tuple[KeptLayout, IndexUse]:
    """The index's layout, and its entities in the table `kernel_entities`."""
    with indexes.held(key) as folder:
        state = IndexState.READ
        layout = _map(connection, indexes, key, folder)
        if layout is None:
            state = IndexState.BUILT
            _build(connection, program, keys, events, indexes, key)
            layout = _map(connection, indexes, key, folder)
            if layout is None:
                raise OSError("what was written can't be read")
            indexes.sweep(key)
        indexes.mark_read(key)
        return layout, IndexUse(key.view, state, bytes=size_of(folder))


def _map(connection: duckdb.DuckDBPyConnection, indexes: IndexFolder, key: IndexKey, folder: Path) -> KeptLayout | None:
    """Map the index where it is there, right and whole."""
    facts = indexes.facts(key)
    if facts is None:
        return None
    try:
        layout = open_layout(folder, [int(size) for size in facts["sizes"]])
        connection.execute("DROP TABLE IF EXISTS kernel_entities")
        file = literal(str(folder / ENTITIES))
        connection.execute(f"CREATE TABLE kernel_entities AS SELECT * FROM read_parquet({file})")
        (entities,) = connection.execute("SELECT COUNT(*) FROM kernel_entities").fetchall()[0]
    except (OSError, ValueError, KeyError, TypeError, duckdb.IOException, duckdb.InvalidInputException):
        return None
    return layout if entities == layout.offsets.size - 1 else None


def _build(
    connection: duckdb.DuckDBPyConnection,
    program: KernelProgram,
    keys: Sequence[ColumnContract],
    events: str,
    indexes: IndexFolder,
    key: IndexKey,
) -> None:
    settle(key)
    made = indexes.new(key)
    try:
        names = names_of(keys)
        connection.execute(
            f"CREATE OR REPLACE TABLE kernel_entities AS"
            f" SELECT {names}, ROW_NUMBER() OVER (ORDER BY {names}) - 1 AS number"
            f" FROM (SELECT DISTINCT {names} FROM {quoted(events)})"
        )
        _write_entities(connection, made / ENTITIES)
        entities, entity = _entities(connection, keys)
        laid_out, sizes = read_events(connection, program, keys, events, entities, entity)
        write_layout(laid_out, sizes, made)
        indexes.keep(key, made, {"sizes": sizes})
    except BaseException:
        indexes.discard(made)
        raise
    finally:
        connection.execute("DROP VIEW IF EXISTS kernel_events")


def _write_entities(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    try:
        connection.execute(
            f"COPY (SELECT * FROM kernel_entities ORDER BY number) TO {literal(str(file))} (FORMAT parquet)"
        )
    except duckdb.IOException as error:
        raise OSError(f"{ENTITIES} could not be written") from error
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _entities(connection: duckdb.DuckDBPyConnection, keys: Sequence[ColumnContract]) -> tuple[Entities, str]:
    """All entities by their numbers, and the SQL of an event's key among them."""
    table = _table_of_codes(connection, keys)
    if table is not None:
        least, codes = table
        return Entities(least, codes, int((codes >= 0).sum())), f"CAST({quoted(keys[0].name)} AS BIGINT)"
    (count,) = connection.execute("SELECT COUNT(*) FROM kernel_entities").fetchall()[0]
    return Entities(0, np.arange(count, dtype=np.int32), count), NUMBERED


def _table_of_codes(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[ColumnContract]
) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.int32]]] | None:
    """The least key and, for each key from it on, its number or -1; None where the keys are no such numbers."""
    if len(keys) != 1 or keys[0].type not in INTEGERS:
        return None
    found = connection.execute(f"SELECT {quoted(keys[0].name)}, number FROM kernel_entities").fetchnumpy()
    values, numbers = (np.asarray(found[name], np.int64) for name in (keys[0].name, "number"))
    if not values.size or int(values.max()) - int(values.min()) >= WIDEST_RANGE:
        return None
    least = int(values.min())
    codes = np.full(int(values.max()) - least + 1, -1, np.int32)
    codes[values - least] = numbers
    return least, codes


def _lay_out_asks(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[ColumnContract], asked: str, entities: int
) -> tuple[Ints, Ints, Asked]:
    """The asks in order, their instants, and the spine laid out; an ask of an entity without events meets none."""
    table = _table_of_codes(connection, keys)
    if table is None:
        asks, instants, values, known = fetch_asks(
            connection,
            f"SELECT ask, asked_us, number FROM {quoted(asked)} LEFT JOIN kernel_entities USING ({names_of(keys)})",
        )
        numbers = np.where(known, values, -1).astype(np.int32)
    else:
        least, codes = table
        key = f"CAST({quoted(keys[0].name)} AS BIGINT)"
        asks, instants, values, known = fetch_asks(connection, f"SELECT ask, asked_us, {key} FROM {quoted(asked)}")
        known &= (values >= least) & (values < least + codes.size)
        numbers = np.where(known, codes[np.where(known, values - least, 0)], -1)
    return asks, instants, lay_out_asked(numbers, instants, entities)
