"""The spine of a training set: labelled rows with entity keys and an instant each, from files, tables or Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from fpc.contract.registry import ColumnContract
from fpc.contract.training import TrainingProgram
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.quoting import quoted
from fpc.runtime.raw_rows import WAREHOUSE, file_relation, find_files, first_line

#: The column that keeps the spine's order.
ROW = "__spine_row"


@dataclass(frozen=True, slots=True)
class FileSpine:
    """A Parquet, CSV or Arrow file."""

    path: Path


@dataclass(frozen=True, slots=True)
class TableSpine:
    """A table of the warehouse: `schema.name` or `name`."""

    table: str


@dataclass(frozen=True, slots=True)
class QuerySpine:
    """A query over the warehouse."""

    sql: str


@dataclass(frozen=True, slots=True)
class ArrowSpine:
    """A table in memory."""

    table: pa.Table


Spine = FileSpine | TableSpine | QuerySpine | ArrowSpine


@dataclass(frozen=True, slots=True)
class SpineColumns:
    """Which column holds each row's instant (None: the only one that holds times), and entity keys' other names."""

    time: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedSpine:
    """The spine in the scratch database: its own columns in order, its instants' and key columns, its rows.

    `text` says that the table `spine_text` has the columns of a CSV file as they were written.
    """

    columns: tuple[str, ...]
    time: str
    keys: Mapping[str, str]
    rows: int
    text: bool


def load_spine(
    connection: duckdb.DuckDBPyConnection,
    spine: Spine,
    columns: SpineColumns,
    program: TrainingProgram,
) -> LoadedSpine:
    """Make the tables `spine` (its rows, numbered in order) and `instants` (what the program reads).

    Refuses a spine without the key or time columns, with null times, with keys that are not of the entity's type, or
    with a column that has a feature's name.
    """
    text = _copy(connection, spine)
    described = connection.execute("DESCRIBE spine").fetchall()
    types = {str(name): str(type_) for name, type_, *_ in described if name != ROW}
    _refuse_clashes(types, program)
    time = _time_column(types, columns.time)
    keys = {key: _find(types, columns.keys.get(key, key)) for key in program.keys}
    missing = [columns.keys.get(key, key) for key, found in keys.items() if found is None]
    if missing:
        raise FpcRuntimeError(
            f"the spine has no column {', '.join(f'`{name}`' for name in missing)} to find entities by",
            kept="nothing was written",
            help=f"its columns are {', '.join(types)}; a key of another name is given as `--key {missing[0]}=COLUMN`",
            exit_code=1,
        )
    present = {key: found for key, found in keys.items() if found is not None}
    for view in program.views:
        for key in view.keys:
            _check_key(connection, key, present[key.name], types[present[key.name]])
    _check_times(connection, time, types[time])
    chosen = ", ".join(f"{quoted(found)} AS {quoted(key)}" for key, found in present.items())
    connection.execute(
        f"CREATE TEMP TABLE instants AS SELECT {ROW} AS _spine_row, {chosen}, "
        f"EPOCH_US(CAST({quoted(time)} AS TIMESTAMPTZ)) AS _at_us FROM spine"
    )
    rows = connection.execute("SELECT COUNT(*) FROM instants").fetchall()[0][0]
    return LoadedSpine(tuple(types), time, present, rows, text)


def _copy(connection: duckdb.DuckDBPyConnection, spine: Spine) -> bool:
    texts = None
    match spine:
        case FileSpine(path):
            what = f"the spine `{path.name}`"
            files = find_files(str(path), Path.cwd(), what)
            relation = file_relation(connection, files, "spine_file", text=False)
            if files[0].suffix.lower() == ".csv":
                texts = file_relation(connection, files, "spine_file")
        case TableSpine(table):
            what = f"the spine `{table}`"
            relation = ".".join(quoted(part) for part in (WAREHOUSE, *table.split(".")))
        case QuerySpine(sql):
            what = "the spine's query"
            relation = f"({sql})"
        case ArrowSpine(table):
            what = "the spine"
            connection.register("spine_table", table)
            relation = "spine_table"
    # Row numbers are those of the file only while its order is kept.
    connection.execute("SET preserve_insertion_order = true")
    home = connection.execute("SELECT current_catalog()").fetchall()[0][0]
    try:
        if isinstance(spine, QuerySpine):
            connection.execute(f"USE {WAREHOUSE}")
        for table, rows in (("spine", relation), ("spine_text", texts)):
            if rows is not None:
                made = f"CREATE TABLE {quoted(home)}.main.{table}"
                connection.execute(f"{made} AS SELECT ROW_NUMBER() OVER () AS {ROW}, * FROM {rows}")
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.CatalogException, duckdb.BinderException) as error:
        raise FpcRuntimeError(
            f"{what} can't be read: {first_line(error)}", kept="nothing was written", exit_code=1
        ) from error
    finally:
        connection.execute(f"USE {quoted(home)}")
        connection.execute("SET preserve_insertion_order = false")
    return texts is not None


def _refuse_clashes(types: Mapping[str, str], program: TrainingProgram) -> None:
    features = {column.lower() for column in program.columns}
    clashes = [name for name in types if name.lower() in features]
    if clashes:
        raise FpcRuntimeError(
            f"the spine's column {', '.join(f'`{name}`' for name in clashes)} has the name of a feature",
            kept="nothing was written",
            help="rename the column of the spine, or leave it out",
            exit_code=1,
        )


def _time_column(types: Mapping[str, str], wanted: str | None) -> str:
    if wanted is not None:
        found = _find(types, wanted)
        if found is None:
            raise FpcRuntimeError(
                f"the spine has no column `{wanted}` to take each row's time from",
                kept="nothing was written",
                help=f"its columns are {', '.join(types)}",
                exit_code=1,
            )
        return found
    timed = [name for name, type_ in types.items() if type_.startswith(("TIMESTAMP", "DATE"))]
    if len(timed) != 1:
        raise FpcRuntimeError(
            f"the spine has {'no column' if not timed else 'several columns'} with times",
            kept="nothing was written",
            help=f"name the one to use with `--time COLUMN`; its columns are {', '.join(timed or types)}",
            exit_code=1,
        )
    return timed[0]


def _find(types: Mapping[str, str], wanted: str) -> str | None:
    if wanted in types:
        return wanted
    return next((name for name in types if name.lower() == wanted.lower()), None)


def _check_key(connection: duckdb.DuckDBPyConnection, key: ColumnContract, column: str, type_: str) -> None:
    if type_.lower() == key.type.lower():
        return
    name, back = quoted(column), type_ if type_ != "VARCHAR" else None
    lost = f"TRY_CAST({name} AS {key.type}) IS NULL"
    if back is not None:
        # A number that the cast would round names no entity.
        lost += f" OR TRY_CAST(TRY_CAST({name} AS {key.type}) AS {back}) IS DISTINCT FROM {name}"
    present = f"{name} IS NOT NULL" + (f" AND NOT ISNAN({name})" if type_ in ("DOUBLE", "FLOAT") else "")
    try:
        bad = connection.execute(f"SELECT COUNT(*), MIN({ROW}) FROM spine WHERE {present} AND ({lost})").fetchall()[0]
    except duckdb.Error:
        bad = (1, None)
    if bad[0]:
        where = f" in {bad[0]} of its rows, first in row {bad[1]}" if bad[1] is not None else ""
        raise FpcRuntimeError(
            f"the spine's `{column}` ({type_}) is no {key.type}{where}, which entity key `{key.name}` is",
            kept="nothing was written",
            help=f"give the spine a column of type {key.type}",
            exit_code=1,
        )


def _check_times(connection: duckdb.DuckDBPyConnection, column: str, type_: str) -> None:
    name = quoted(column)
    if not type_.startswith(("TIMESTAMP", "DATE", "VARCHAR")):
        raise FpcRuntimeError(
            f"the spine's `{column}` is {type_}, not a time",
            kept="nothing was written",
            help="make it a timestamp, or text in ISO 8601",
            exit_code=1,
        )
    nulls, first = connection.execute(f"SELECT COUNT(*), MIN({ROW}) FROM spine WHERE {name} IS NULL").fetchall()[0]
    if nulls:
        raise FpcRuntimeError(
            f"the spine's `{column}` is null in {nulls} rows, first in row {first}",
            kept="nothing was written",
            help="a row without a time has no features as of a time: fill it in, or leave the row out",
            exit_code=1,
        )
    bad = f"SELECT COUNT(*), MIN({ROW}) FROM spine WHERE TRY_CAST({name} AS TIMESTAMPTZ) IS NULL"
    wrong, first = connection.execute(bad).fetchall()[0]
    if wrong:
        raise FpcRuntimeError(
            f"the spine's `{column}` is not a time in {wrong} rows, first in row {first}",
            kept="nothing was written",
            help="write times in ISO 8601, like 2024-03-01T12:00:00Z",
            exit_code=1,
        )
