"""The kernel as a step of a training program: from the relations of one view to the table of its states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from fpc.contract.kernel import KernelProgram
from fpc.contract.registry import ColumnContract
from fpc.runtime.kernel.layout import Asked, Entities, Ints, lay_out_asked
from fpc.runtime.kernel.run import KernelOverflowError, run
from fpc.runtime.quoting import quoted

# Above this, numbering the entities by a table of their keys' whole range would waste memory.
_WIDEST_RANGE = 20_000_000
# A dictionary of more values than this costs more than the SQL that it saves.
_MOST_VALUES = 1_000_000
_BATCH_ROWS = 122_880
_INTEGERS = ("integer", "bigint")


class KernelUnfitError(Exception):
    """These data do not suit the kernel; the view's SQL computes the same."""


def make_states(
    connection: duckdb.DuckDBPyConnection,
    program: KernelProgram,
    keys: Sequence[ColumnContract],
    asked: str,
    events: str,
) -> None:
    """Make the table `kernel_states` (`ask` and every state) from the relations `asked` and `events`.

    Raises `KernelUnfitError`, having made nothing.
    """
    drop_states(connection)
    try:
        asks, entities, spine, entity = _number_entities(connection, keys, asked)
        sizes, codes = _make_dictionaries(connection, program, events)
        source = f"{quoted(events)} AS events"
        if entity == _NUMBERED:
            source += f" JOIN kernel_entities USING ({_names(keys)})"
        columns = ", ".join([f"{entity} AS entity", "events.*", *codes])
        connection.execute(f"CREATE VIEW kernel_events AS SELECT {columns} FROM {source}")
        states = run(program, lambda sql: _read(connection, sql), entities, spine, sizes)
    except KernelOverflowError as error:
        drop_states(connection)
        raise KernelUnfitError("a sum may not fit 64 bits") from error
    except KernelUnfitError:
        drop_states(connection)
        raise
    table = pa.table({"ask": pa.array(asks), **states})
    connection.register("kernel_output", table)
    connection.execute("CREATE TABLE kernel_states AS SELECT * FROM kernel_output")
    connection.unregister("kernel_output")


def drop_states(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what `make_states` made."""
    connection.execute("DROP VIEW IF EXISTS kernel_events")
    connection.execute("DROP TABLE IF EXISTS kernel_states")
    connection.execute("DROP TABLE IF EXISTS kernel_entities")
    connection.execute("DROP TABLE IF EXISTS kernel_values")
    kinds = "SELECT type_name FROM duckdb_types() WHERE type_name LIKE 'kernel_type_%'"
    for (name,) in connection.execute(kinds).fetchall():
        connection.execute(f"DROP TYPE {quoted(name)}")


_NUMBERED = "kernel_entities.number"


def _number_entities(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[ColumnContract], asked: str
) -> tuple[Ints, Entities, Asked, str]:
    """The asks' names, the entities' numbers, the spine laid out, and the SQL of an event's entity."""
    present = " AND ".join(f"{quoted(key.name)} IS NOT NULL" for key in keys)
    if len(keys) == 1 and keys[0].type in _INTEGERS:
        key = quoted(keys[0].name)
        rows = connection.execute(
            f"SELECT ask, asked_us, CAST({key} AS BIGINT) AS entity FROM {quoted(asked)} WHERE {present}"
        ).fetchnumpy()
        values = np.asarray(rows["entity"], np.int64)
        if values.size and int(values.max()) - int(values.min()) < _WIDEST_RANGE:
            least = int(values.min())
            present_keys = np.zeros(int(values.max()) - least + 1, np.bool_)
            present_keys[values - least] = True
            codes = np.where(present_keys, np.cumsum(present_keys) - 1, -1).astype(np.int32)
            count = int(present_keys.sum())
            spine = lay_out_asked(codes[values - least], np.asarray(rows["asked_us"]), count)
            return np.asarray(rows["ask"]), Entities(least, codes, count), spine, f"CAST({key} AS BIGINT)"
    names = _names(keys)
    connection.execute(
        f"CREATE TABLE kernel_entities AS SELECT {names}, ROW_NUMBER() OVER () - 1 AS number"
        f" FROM (SELECT DISTINCT {names} FROM {quoted(asked)} WHERE {present})"
    )
    rows = connection.execute(
        f"SELECT ask, asked_us, number FROM {quoted(asked)} JOIN kernel_entities USING ({names})"
    ).fetchnumpy()
    numbers = np.asarray(rows["number"]).astype(np.int32)
    count = int(numbers.max()) + 1 if numbers.size else 0
    spine = lay_out_asked(numbers, np.asarray(rows["asked_us"]), count)
    return np.asarray(rows["ask"]), Entities(0, np.arange(count, dtype=np.int32), count), spine, _NUMBERED


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


def _names(keys: Sequence[ColumnContract]) -> str:
    return ", ".join(quoted(key.name) for key in keys)
