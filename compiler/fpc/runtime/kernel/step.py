"""The kernel as a step of a training program: from the relations of one view to the table of its states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fpc.contract.kernel import KernelProgram
from fpc.contract.registry import ColumnContract
from fpc.runtime.kernel.layout import Asked, Entities, Events, Ints, lay_out_asked, lay_out_events, runs
from fpc.runtime.kernel.run import KernelOverflowError, run
from fpc.runtime.quoting import quoted

#: Above this, numbering the entities by a table of their keys' whole range would waste memory.
WIDEST_RANGE = 20_000_000
# A dictionary of more values than this costs more than the SQL that it saves.
_MOST_VALUES = 1_000_000
_BATCH_ROWS = 16_384
#: Types of keys that number entities by themselves.
INTEGERS = ("integer", "bigint")


class KernelUnfitError(Exception):
    """These data do not suit the kernel; the view's SQL computes the same."""


def make_states(
    connection: duckdb.DuckDBPyConnection,
    program: KernelProgram,
    keys: Sequence[ColumnContract],
    asked: str,
    events: str,
) -> pa.Table:
    """The columns `ask`, `asked_us` and every state, a row per row of the relation `asked`, in the order of `ask`.

    `asked` and `events` are names of relations. Raises `KernelUnfitError`, having made nothing.
    """
    drop_leftovers(connection)
    connection.execute("SET preserve_insertion_order = true")
    try:
        asks, instants, entities, spine, entity = _number_entities(connection, keys, asked)
        laid_out, sizes = read_events(connection, program, keys, events, entities, entity)
        states = run(program, runs(laid_out), spine, sizes)
    except KernelOverflowError as error:
        raise KernelUnfitError("a sum may not fit 64 bits") from error
    finally:
        connection.execute("SET preserve_insertion_order = false")
        drop_leftovers(connection)
    return pa.table({"ask": pa.array(asks), "asked_us": pa.array(instants), **states})


def read_events(
    connection: duckdb.DuckDBPyConnection,
    program: KernelProgram,
    keys: Sequence[ColumnContract],
    events: str,
    entities: Entities,
    entity: str,
) -> tuple[Events, list[int]]:
    """Read and lay out the relation `events`, and say how many codes each slot has.

    `entity` is the SQL of an event's key among `entities`: of its own columns, or `NUMBERED`. Raises
    `KernelUnfitError`.
    """
    sizes, codes = _make_dictionaries(connection, program, events)
    source = f"{quoted(events)} AS events"
    if entity == NUMBERED:
        source += f" JOIN kernel_entities USING ({names_of(keys)})"
    columns = ", ".join([f"{entity} AS entity", "events.*", *codes])
    connection.execute(f"CREATE VIEW kernel_events AS SELECT {columns} FROM {source}")
    counted, read = _read(connection, program.counts), _read(connection, program.events)
    return lay_out_events(counted, read, entities, len(program.slots)), sizes


def drop_leftovers(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the relations and types that `make_states` works with."""
    connection.execute("DROP VIEW IF EXISTS kernel_events")
    connection.execute("DROP TABLE IF EXISTS kernel_entities")
    connection.execute("DROP TABLE IF EXISTS kernel_values")
    kinds = "SELECT type_name FROM duckdb_types() WHERE type_name LIKE 'kernel_type_%'"
    for (name,) in connection.execute(kinds).fetchall():
        connection.execute(f"DROP TYPE {quoted(name)}")


#: The number of an event's entity by the table `kernel_entities`, which has the keys and the `number`.
NUMBERED = "kernel_entities.number"


def _number_entities(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[ColumnContract], asked: str
) -> tuple[Ints, Ints, Entities, Asked, str]:
    """The asks in order, their instants, the entities' numbers, the spine laid out, and the SQL of an event's entity.

    An ask with a null key has no entity: it meets no event.
    """
    if len(keys) == 1 and keys[0].type in INTEGERS:
        key = f"CAST({quoted(keys[0].name)} AS BIGINT)"
        asks, instants, values, known = fetch_asks(connection, f"SELECT ask, asked_us, {key} FROM {quoted(asked)}")
        present = values[known]
        if present.size and int(present.max()) - int(present.min()) < WIDEST_RANGE:
            least = int(present.min())
            codes = np.full(int(present.max()) - least + 1, -1, np.int32)
            codes[present - least] = 0
            count = int((codes == 0).sum())
            codes[codes == 0] = np.arange(count, dtype=np.int32)
            numbers = np.where(known, codes[np.where(known, values - least, 0)], -1).astype(np.int32)
            return asks, instants, Entities(least, codes, count), lay_out_asked(numbers, instants, count), key
    names = names_of(keys)
    present_keys = " AND ".join(f"{quoted(key.name)} IS NOT NULL" for key in keys)
    connection.execute(
        f"CREATE TABLE kernel_entities AS SELECT {names}, ROW_NUMBER() OVER () - 1 AS number"
        f" FROM (SELECT DISTINCT {names} FROM {quoted(asked)} WHERE {present_keys})"
    )
    asks, instants, values, known = fetch_asks(
        connection, f"SELECT ask, asked_us, number FROM {quoted(asked)} LEFT JOIN kernel_entities USING ({names})"
    )
    numbers = np.where(known, values, -1).astype(np.int32)
    count = int(numbers.max(initial=-1)) + 1
    entities = Entities(0, np.arange(count, dtype=np.int32), count)
    return asks, instants, entities, lay_out_asked(numbers, instants, count), NUMBERED


def fetch_asks(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """Three columns in the order of the first: the third without its nulls (0), and where it has none."""
    table = connection.sql(sql).to_arrow_table()
    asks, instants = (np.asarray(table.column(place).to_numpy(), np.int64) for place in (0, 1))
    known = np.asarray(table.column(2).is_valid().to_numpy(), np.bool_)
    values = np.asarray(table.column(2).fill_null(0).to_numpy(), np.int64)
    if np.any(asks[1:] < asks[:-1]):
        order = np.argsort(asks)
        return asks[order], instants[order], values[order], known[order]
    return asks, instants, values, known


def _make_dictionaries(
    connection: duckdb.DuckDBPyConnection, program: KernelProgram, events: str
) -> tuple[list[int], list[str]]:
    """The number of codes of each slot, and the columns that hold them."""
    sizes, columns = [], []
    for place, slot in enumerate(program.slots):
        size = 0
        if slot.dictionary_of is not None:
            text = f"CAST({quoted(slot.dictionary_of)} AS VARCHAR)"
            connection.execute(
                f"CREATE OR REPLACE TABLE kernel_values AS SELECT DISTINCT {text} AS value FROM {quoted(events)}"
                f" WHERE {quoted(slot.dictionary_of)} IS NOT NULL LIMIT {_MOST_VALUES + 1}"
            )
            size = int(connection.execute("SELECT COUNT(*) FROM kernel_values").fetchall()[0][0])
            if size > _MOST_VALUES:
                raise KernelUnfitError("a distinct count has too many different values")
            name = quoted(f"kernel_code_{place}")
            if size:
                connection.execute(f"CREATE TYPE kernel_type_{place} AS ENUM (SELECT value FROM kernel_values)")
                code = f"CAST(ENUM_CODE(CAST({text} AS kernel_type_{place})) AS BIGINT)"
                columns.append(f"COALESCE({code}, 0) AS {name}")
            else:
                columns.append(f"CAST(0 AS BIGINT) AS {name}")
        sizes.append(size)
    return sizes, columns


def _read(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterable[pa.RecordBatch]:
    yield from connection.sql(sql).to_arrow_reader(_BATCH_ROWS)


def names_of(keys: Sequence[ColumnContract]) -> str:
    """The keys' columns, as SQL lists them."""
    return ", ".join(quoted(key.name) for key in keys)
