"""Writes a training set to a file: under a temporary name first, so that a file of the name is always whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa
from pyarrow import ipc, parquet

from fpc.runtime.content import ContentHash
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.quoting import literal
from fpc.runtime.raw_rows import first_line
from fpc.runtime.training import TrainingResult

ENDINGS: Final = (".parquet", ".csv", ".arrow")


class _Writer(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


def check_ending(path: Path) -> None:
    """Refuse an output file of an unknown kind, before anything is computed."""
    if path.suffix.lower() not in ENDINGS:
        raise FpcRuntimeError(
            f"`{path.name}` ends in none of {', '.join(ENDINGS)}",
            help="the ending says in which format to write",
            exit_code=1,
        )


def write(result: TrainingResult, path: Path) -> ContentHash:
    """Write the result in the format that the ending names; returns what was written, hashed.

    Whatever fails, a file of that name stays as it was.
    """
    check_ending(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix.lower() == ".csv":
                found = _write_csv(result, temporary)
            else:
                found = _write_batches(result, temporary, _parquet if path.suffix.lower() == ".parquet" else _arrow)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return found


def _write_batches(
    result: TrainingResult, path: Path, open_writer: Callable[[Path, pa.Schema], _Writer]
) -> ContentHash:
    reader = result.batches()
    found = ContentHash(reader.schema)
    writer = open_writer(path, reader.schema)
    try:
        for batch in reader:
            found.update(batch)
            writer.write_batch(batch)
    finally:
        writer.close()
    return found


def _parquet(path: Path, schema: pa.Schema) -> _Writer:
    # Dictionaries pay for texts; numbers are written faster and smaller without.
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    dictionaries: Any = texts or False
    writer: Any = parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=dictionaries)
    return writer  # type: ignore[no-any-return]


def _arrow(path: Path, schema: pa.Schema) -> _Writer:
    writer: Any = ipc.new_file(path, schema)
    return writer  # type: ignore[no-any-return]


def _write_csv(result: TrainingResult, path: Path) -> ContentHash:
    result.connection.execute(f"COPY ({result.text_query()}) TO {literal(str(path))} (FORMAT csv, HEADER)")
    return hash_content(result)


def hash_content(result: TrainingResult) -> ContentHash:
    """The result's content, without a file."""
    reader = result.batches()
    found = ContentHash(reader.schema)
    for batch in reader:
        found.update(batch)
    return found


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _failure(path, error, full=error.errno in (errno.ENOSPC, errno.EDQUOT)) from error
    except duckdb.ConversionException as error:
        raise FpcRuntimeError(
            f"`{path.name}` was not written: {first_line(error)}",
            kept="a file of that name is as it was before",
            help="no format holds whole numbers of more than 38 digits",
            exit_code=1,
        ) from error
    except duckdb.IOException as error:
        raise _failure(path, error, full="space" in str(error).lower()) from error


def _failure(path: Path, error: Exception, *, full: bool) -> FpcRuntimeError:
    why = "the disk is full" if full else str(getattr(error, "strerror", None) or "writing failed")
    return FpcRuntimeError(
        f"`{path.name}` was not written: {why}",
        kept="a file of that name is as it was before",
        help="make room and try again" if full else "check the folder and its permissions",
    )
