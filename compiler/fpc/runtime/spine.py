"""The spine of a training set: labelled rows with entity keys and an instant each, from files, tables or Arrow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from fpc.contract.registry import ColumnContract
from fpc.contract.training import TrainingProgram
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.quoting import literal, quoted
from fpc.runtime.raw_rows import WAREHOUSE, file_relation, find_files, first_line

#: The column that keeps the spine's order.
ROW = "__spine_row"
#: Keys of which a guess from a CSV file's text would lose something: leading signs, zeros, exponents, digits.
_NOT_GUESSED = re.compile(r"varchar|integer|bigint|hugeint|decimal.*")
#: Times that every format can hold.
_FIRST_TIME, _LAST_TIME = "0001-01-01", "9999-12-31 23:59:59.999999"


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

    `text` says that the table `spine_text` has the columns of a CSV file as they were written; `given` is a spine in
    memory, which holds them as they are.
    """

    columns: tuple[str, ...]
    time: str
    keys: Mapping[str, str]
    rows: int
    text: bool
    given: pa.Table | None


def load_spine(
    connection: duckdb.DuckDBPyConnection,
    spine: Spine,
    columns: SpineColumns,
    program: TrainingProgram,
) -> LoadedSpine:
    """Make the tables `spine` (its rows, numbered in order) and `instants` (what the program reads).

    Refuses a spine without the key or time columns, with null times, with keys that are not of the entity's type, with
    two columns of one name, or with a column that has a feature's name.
    """
    is_csv = isinstance(spine, FileSpine) and spine.path.suffix.lower() == ".csv"
    if is_csv:
        _copy(connection, spine, "spine_text", None)
        written = _types(connection, "spine_text")
        asked = {
            _find(written, columns.keys.get(key.name, key.name)): key for view in program.views for key in view.keys
        }
        known = {found: key for found, key in asked.items() if found is not None and _NOT_GUESSED.fullmatch(key.type)}
        for found, key in known.items():
            _check_key(connection, "spine_text", key, found, "VARCHAR")
        _copy(connection, spine, "spine", {found: key.type for found, key in known.items()})
    else:
        _copy(connection, spine, "spine", None)
    types = _types(connection, "spine")
    _refuse_clashes(types, program)
    _refuse_unknown(columns, program)
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
            _check_key(connection, "spine", key, present[key.name], types[present[key.name]])
    _check_times(connection, time, types[time])
    chosen = ", ".join(f"{quoted(found)} AS {quoted(key)}" for key, found in present.items())
    connection.execute(
        f"CREATE TEMP TABLE instants AS SELECT {ROW} AS _spine_row, {chosen}, "
        f"EPOCH_US(CAST({quoted(time)} AS TIMESTAMPTZ)) AS _at_us FROM spine"
    )
    rows = connection.execute("SELECT COUNT(*) FROM instants").fetchall()[0][0]
    given = spine.table if isinstance(spine, ArrowSpine) else None
    return LoadedSpine(tuple(types), time, present, rows, is_csv, given)


def _copy(connection: duckdb.DuckDBPyConnection, spine: Spine, table: str, guessed: Mapping[str, str] | None) -> None:
    """Make the table of the spine's rows, numbered; `guessed` is for CSV files, as `file_relation` takes it."""
    match spine:
        case FileSpine(path):
            what = f"the spine `{path.name}`"
            files = find_files(str(path), Path.cwd(), what)
            relation = file_relation(connection, files, "spine_file", guessed)
        case TableSpine(name):
            what = f"the spine `{name}`"
            relation = ".".join(quoted(part) for part in (WAREHOUSE, *name.split(".")))
        case QuerySpine(sql):
            what = "the spine's query"
            relation = f"({sql})"
        case ArrowSpine(given):
            what = "the spine"
            _refuse_repeated(given.column_names)
            connection.register("spine_table", given)
            relation = "spine_table"
    # Row numbers are those of the file only while its order is kept.
    connection.execute("SET preserve_insertion_order = true")
    home = connection.execute("SELECT current_catalog()").fetchall()[0][0]
    try:
        if isinstance(spine, QuerySpine):
            connection.execute(f"USE {WAREHOUSE}")
        made = f"CREATE TABLE {quoted(home)}.main.{table}"
        connection.execute(f"{made} AS SELECT ROW_NUMBER() OVER () AS {ROW}, * FROM {relation}")
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.CatalogException, duckdb.BinderException) as error:
        raise FpcRuntimeError(
            f"{what} can't be read: {first_line(error)}", kept="nothing was written", exit_code=1
        ) from error
    finally:
        connection.execute(f"USE {quoted(home)}")
        connection.execute("SET preserve_insertion_order = false")


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    return {str(name): str(type_) for name, type_, *_ in described if name != ROW}


def _refuse_repeated(names: Sequence[str]) -> None:
    """The engine would give the second of two columns another name, and SQL does not tell capitals apart."""
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise FpcRuntimeError(
                f"the spine has two columns `{seen[name.lower()]}` and `{name}`, which SQL does not tell apart",
                kept="nothing was written",
                help="rename one of them, or leave it out",
                exit_code=1,
            )
        seen[name.lower()] = name


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


def _refuse_unknown(columns: SpineColumns, program: TrainingProgram) -> None:
    unknown = [key for key in columns.keys if key not in program.keys]
    if unknown:
        raise FpcRuntimeError(
            f"no feature that is asked for has an entity key {', '.join(f'`{key}`' for key in unknown)}",
            kept="nothing was written",
            help=f"the keys are {', '.join(program.keys)}",
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


def _check_key(connection: duckdb.DuckDBPyConnection, table: str, key: ColumnContract, column: str, type_: str) -> None:
    if type_.lower() == key.type.lower():
        return
    name, pattern = quoted(column), _written(key.type)
    lost = f"TRY_CAST({name} AS {key.type}) IS NULL"
    # A number that the cast would round names no entity.
    if type_ != "VARCHAR":
        lost += f" OR TRY_CAST(TRY_CAST({name} AS {key.type}) AS {type_}) IS DISTINCT FROM {name}"
    elif pattern is not None:
        lost += f" OR NOT REGEXP_FULL_MATCH(TRIM({name}), {literal(pattern)})"
    present = f"{name} IS NOT NULL" + (f" AND NOT ISNAN({name})" if type_ in ("DOUBLE", "FLOAT") else "")
    try:
        bad = connection.execute(f"SELECT COUNT(*), MIN({ROW}) FROM {table} WHERE {present} AND ({lost})").fetchall()[0]
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


def _written(type_: str) -> str | None:
    """How text spells a number of the type without more digits behind the point than it has; None for other types."""
    if type_ in ("integer", "bigint", "hugeint"):
        return r"[+-]?[0-9]+(\.0*)?"
    decimal = re.fullmatch(r"decimal\(\d+,(\d+)\)", type_)
    return None if decimal is None else rf"[+-]?[0-9]*\.?[0-9]{{0,{decimal[1]}}}0*"


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
    readable = f"TRY_CAST({name} AS TIMESTAMPTZ) BETWEEN TIMESTAMPTZ '{_FIRST_TIME}' AND TIMESTAMPTZ '{_LAST_TIME}'"
    bad = f"SELECT COUNT(*), MIN({ROW}) FROM spine WHERE ({readable}) IS NOT TRUE"
    wrong, first = connection.execute(bad).fetchall()[0]
    if wrong:
        raise FpcRuntimeError(
            f"the spine's `{column}` is not a time in {wrong} rows, first in row {first}",
            kept="nothing was written",
            help="write times in ISO 8601, like 2024-03-01T12:00:00Z, of the years 1 to 9999",
            exit_code=1,
        )
