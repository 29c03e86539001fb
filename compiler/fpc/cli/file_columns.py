"""The columns of a data file, as a source declares them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import duckdb

from fpc.cli.failure import user_fault, wrong_usage
from fpc.types.logical import LogicalType

_COLUMN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def read_columns(root: Path, pattern: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Names and logical types of a file's columns in their order, and those that no spec can declare."""
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise wrong_usage(f"--path `{pattern}` leaves the repository", help="copy or link the file into it")
    found = sorted(root.glob(pattern))
    if not found:
        raise user_fault(f"there is no file `{pattern}` in the repository")
    described = _describe(found[0], pattern)
    columns: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for name, kind in described:
        logical = _logical(kind)
        if logical is not None and _COLUMN.fullmatch(name):
            columns.append((name, logical))
        else:
            left_out.append((name, kind))
    return columns, left_out


def _describe(path: Path, pattern: str) -> list[tuple[str, str]]:
    try:
        with duckdb.connect() as connection:
            match path.suffix:
                case ".parquet":
                    relation = connection.read_parquet(str(path))
                case ".csv":
                    relation = connection.read_csv(str(path))
                case ".arrow" | ".feather":
                    return _describe_arrow(path)
                case _:
                    raise wrong_usage(f"`{pattern}` is of no known format", help="use .parquet, .csv or .arrow")
            return [(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]
    except duckdb.Error as error:
        raise user_fault(f"`{pattern}` cannot be read: {str(error).splitlines()[0]}") from error


def _describe_arrow(path: Path) -> list[tuple[str, str]]:
    import pyarrow.feather  # needed for this format alone

    table = pyarrow.feather.read_table(path, memory_map=True)
    relation = duckdb.from_arrow(table.slice(0, 0))
    return [(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]


def _logical(kind: str) -> str | None:
    try:
        return str(LogicalType.parse(kind))
    except ValueError:
        return None
