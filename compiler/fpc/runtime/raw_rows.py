"""Raw rows made readable by name: files by a glob, Arrow files, tables of the warehouse."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from fpc.contract.training import TrainingSource
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.quoting import literal, quoted
from fpc.types.logical import LogicalType

#: The catalogue name under which the warehouse is attached.
WAREHOUSE = "warehouse"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repository's rows are: its root, and the DuckDB file of the target, if it has one."""

    root: Path
    warehouse: Path | None = None


def attach_warehouse(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    """Attach the warehouse for reading."""
    path = place.warehouse
    if path is None or not path.exists():
        raise FpcRuntimeError(
            "there is no warehouse to read tables from"
            if path is None
            else f"the warehouse `{_shown(path, place.root)}` does not exist",
            help="run `fpc run` first, or read files instead",
            exit_code=1,
        )
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS {WAREHOUSE} (READ_ONLY)")
    except duckdb.IOException as error:
        locked = "could not set lock" in str(error).lower()
        raise FpcRuntimeError(
            f"the warehouse `{_shown(path, place.root)}` is {'in use by another process' if locked else 'unreadable'}",
            kept="nothing was changed",
            help="wait until the other run has ended, and try again" if locked else str(error).splitlines()[0],
        ) from error


def attach_source(
    connection: duckdb.DuckDBPyConnection,
    source: TrainingSource,
    place: Place,
    *,
    only: Sequence[Path] | None = None,
    condition: str = "",
) -> tuple[Path, ...]:
    """Make the source's raw rows readable under its relation's name; returns the files that hold them.

    With `only`, these of the source's files alone; with `condition`, the rows alone for which it holds. Refuses files
    that are missing or unreadable, and columns that are not there.
    """
    what = f"source `{source.name}`"
    if source.table is not None:
        relation = ".".join(quoted(part) for part in (WAREHOUSE, *source.table.split(".")))
        files: tuple[Path, ...] = ()
    else:
        assert source.path is not None
        files = find_files(source.path, place.root, what) if only is None else tuple(only)
        relation = file_relation(connection, files, f"files_of_{source.relation}")
    try:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(source.relation)} AS SELECT * FROM {relation}")
        present = connection.execute(f"DESCRIBE {quoted(source.relation)}").fetchall()
    except duckdb.Error as error:
        raise FpcRuntimeError(
            f"{what} can't be read: {first_line(error)}",
            kept="nothing was written",
            help="check the files that the spec names",
            exit_code=1,
        ) from error
    names = {str(row[0]).lower() for row in present}
    missing = [column.name for column in source.columns if column.name.lower() not in names]
    if missing:
        raise FpcRuntimeError(
            f"{what} has no column {', '.join(f'`{name}`' for name in missing)}",
            kept="nothing was written",
            help="the columns that it has: " + ", ".join(str(row[0]) for row in present),
            exit_code=1,
        )
    if condition:
        rows = f"SELECT * FROM {relation} WHERE {condition}"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(source.relation)} AS {rows}")
    return files


def changed_types(connection: duckdb.DuckDBPyConnection, source: TrainingSource) -> tuple[str, ...]:
    """Declared columns whose raw type is another: `amount is VARCHAR, declared decimal(12,2)`.

    Those of a CSV file have no types: of them the ones that hold something else, and in how many rows.
    """
    if source.path is not None and source.path.lower().endswith(".csv"):
        return tuple(_unreadable(connection, source))
    found = []
    for name, type_, *_ in connection.execute(f"DESCRIBE {quoted(source.relation)}").fetchall():
        declared = next((c.type for c in source.columns if c.name.lower() == str(name).lower()), None)
        if declared is not None and not _same_type(str(type_), declared):
            found.append(f"`{name}` is {type_}, declared {declared}")
    return tuple(found)


def _unreadable(connection: duckdb.DuckDBPyConnection, source: TrainingSource) -> Iterator[str]:
    for column in source.columns:
        name = quoted(column.name)
        lost = f"{name} IS NOT NULL AND TRY_CAST({name} AS {column.type}) IS NULL"
        rows = connection.execute(f"SELECT COUNT(*) FROM {quoted(source.relation)} WHERE {lost}").fetchall()[0][0]
        if rows:
            yield f"`{column.name}` is no {column.type} in {rows} of its rows"


def find_files(pattern: str, root: Path, what: str) -> tuple[Path, ...]:
    """The files of a glob relative to `root`, in order of their names; none is an error."""
    whole = pattern if Path(pattern).is_absolute() else str(root / pattern)
    names = glob.iglob(whole, recursive=True)  # noqa: PTH207  # pathlib refuses absolute patterns
    files = tuple(sorted(path for path in map(Path, names) if path.is_file()))
    if not files:
        raise FpcRuntimeError(
            f"{what} has no file: nothing matches `{pattern}`",
            kept="nothing was written",
            help="check the path, which is relative to the repository",
            exit_code=1,
        )
    return files


def file_relation(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str, guessed: Mapping[str, str] | None = None
) -> str:
    """What stands behind FROM to read the files; CSV columns are all text, or guessed but for the types in `guessed`.

    Arrow files are registered under `name`, because the engine does not read them itself.
    """
    listed = "[" + ", ".join(literal(str(path)) for path in files) + "]"
    match files[0].suffix.lower():
        case ".csv":
            return f"read_csv({listed}, header = true{_csv_types(guessed)})"
        case ".arrow" | ".feather" | ".ipc":
            from pyarrow import dataset  # brings pandas, where that is installed: seconds

            try:
                connection.register(name, dataset.dataset([str(path) for path in files], format="ipc"))
            except (pa.ArrowInvalid, OSError) as error:
                raise FpcRuntimeError(
                    f"`{files[0].name}` can't be read: not an Arrow file",
                    kept="nothing was written",
                    exit_code=1,
                ) from error
            return quoted(name)
        case _:
            return f"read_parquet({listed})"


def _csv_types(guessed: Mapping[str, str] | None) -> str:
    if guessed is None:
        return ", all_varchar = true"
    known = ", ".join(f"{quoted(column)} := {literal(type_)}" for column, type_ in guessed.items())
    return f", types = struct_pack({known})" if known else ""


def first_line(error: Exception) -> str:
    """The first line of an engine's message, without its class."""
    line = (str(error).strip().splitlines() or [""])[0]
    return line.split("Error: ", 1)[-1]


def _same_type(raw: str, declared: str) -> bool:
    try:
        return LogicalType.parse(raw) == LogicalType.parse(declared)
    except ValueError:
        return False


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name
