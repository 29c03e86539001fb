"""A view's table in the warehouse, as the publisher reads it: checked, counted, and streamed as packed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from fpc.contract.defaults import defaulted_column
from fpc.contract.rows import RowCodec
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online.store import RowBatch
from fpc.runtime.publish.encoding import arrow_type_of, encode_batch
from fpc.runtime.publish.key_column import KeyColumn
from fpc.runtime.publish.statements import Statements, quoted_table

# Rows in one command to the store: enough to make its cost small, few enough that other clients are served in between.
BATCH_ROWS = 2048
# Rows that DuckDB hands over at once: in small pieces, its threads wait for one another.
_READ_ROWS = 8 * BATCH_ROWS
# How long a tombstone stands against an older refresh that is still running.
TOMBSTONE_MILLISECONDS = 7 * 86_400_000
SAMPLE_ROWS = 256


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every row of one publication carries: the instant, and which publication wrote it."""

    as_of_us: int
    run: int


class ViewTable:
    """The rows of a view in the warehouse. Reads stream: memory does not grow with the table."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statements: Statements, codec: RowCodec) -> None:
        """Wrap the table; nothing is read yet."""
        self._connection = connection
        self._statements = statements
        self._codec = codec
        self._view = statements.view
        self._types = [arrow_type_of(feature.type) for feature in statements.view.packed]

    def check(self, as_of_us: int) -> bytes:
        """Raise unless the tables are there and of that instant; returns the packed row of an entity with no event."""
        features = self._view.features
        marks = (defaulted_column(feature.name) for feature in features if feature.default is not None)
        wanted = [*(feature.name for feature in features), *marks, "as_of"]
        self._check_columns(self._view.table, [*(key.name for key in self._view.keys), *wanted])
        self._check_columns(self._view.empty_table, wanted)
        if self._number(f"SELECT COUNT(*) FROM {quoted_table(self._view.empty_table)}") != 1:
            raise self._unfit(f"`{self._view.empty_table}` does not hold exactly one row")
        with self._cursor() as cursor:
            (empty,) = self._batches(self._statements.select_empty, cursor)
        (instant,) = empty.column("as_of").to_pylist()
        if instant != as_of_us:
            raise self._unfit("its tables are not as of the instant that is to be published")
        if self._number(self._statements.count_later(as_of_us)):
            raise self._unfit("it has rows of a later instant than the one that is to be published")
        if self._number(self._statements.count_null_keys):
            raise self._unfit("it has rows with a null key")
        row, _ = encode_batch(self._codec, self._columns(empty, 0), as_of_us, 0)
        return bytes(row)

    def count(self) -> int:
        """How many entities the view has."""
        return self._number(self._statements.count_rows)

    def all_rows(self, stamp: Stamp) -> Iterator[RowBatch]:
        """Every row, packed."""
        return self._rows(self._statements.select_all, stamp)

    def pending_rows(self, stamp: Stamp) -> Iterator[RowBatch]:
        """The rows of the pending keys, packed."""
        return self._rows(self._statements.select_pending, stamp)

    def removed_rows(self, stamp: Stamp, tombstone: bytes) -> Iterator[RowBatch]:
        """A tombstone for each pending key that is not in the view."""
        with self._cursor() as cursor:
            for batch in self._batches(self._statements.select_removed, cursor):
                yield tombstones(self._keys(batch), tombstone, stamp.as_of_us)

    def sample(self, seed: int) -> tuple[list[bytes], list[bytes]]:
        """Keys and packed rows of a few entities that are unchanged since the last publication."""
        keys: list[bytes] = []
        rows: list[bytes] = []
        with self._cursor() as cursor:
            for batch in self._batches(self._statements.select_sample(SAMPLE_ROWS, seed), cursor):
                packed, ends = encode_batch(self._codec, self._columns(batch, 1), 0, 0)
                keys += self._keys(batch)
                rows += [bytes(packed[start:end]) for start, end in zip((0, *ends), ends, strict=False)]
        return keys, rows

    def _rows(self, query: str, stamp: Stamp) -> Iterator[RowBatch]:
        with self._cursor() as cursor:
            for batch in self._batches(query, cursor):
                rows, ends = encode_batch(self._codec, self._columns(batch, 1), stamp.as_of_us, stamp.run)
                yield RowBatch(self._keys(batch), rows, ends, stamp.as_of_us)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        # Its own: a result that is read in pieces blocks its connection for everything else.
        return self._connection.cursor()

    def _batches(self, query: str, connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
        reader: Any = connection.sql(query).to_arrow_reader(_READ_ROWS)
        for read in reader:
            for start in range(0, read.num_rows, BATCH_ROWS):
                yield read.slice(start, BATCH_ROWS)

    def _columns(self, batch: pa.RecordBatch, first: int) -> list[pa.Array]:
        columns = []
        for at, wanted in enumerate(self._types):
            column = batch.column(first + at)
            columns.append(column if column.type == wanted else column.cast(wanted))
        return columns

    def _keys(self, batch: pa.RecordBatch) -> KeyColumn:
        return KeyColumn(batch.column(0))

    def _check_columns(self, table: str, wanted: list[str]) -> None:
        try:
            found = {str(row[0]) for row in self._connection.execute(f"DESCRIBE {quoted_table(table)}").fetchall()}
        except duckdb.CatalogException:
            raise self._unfit(f"`{table}` does not exist") from None
        missing = [f"`{name}`" for name in wanted if name not in found]
        if missing:
            raise self._unfit(f"`{table}` lacks {', '.join(missing)}")

    def _number(self, query: str) -> int:
        ((found,),) = self._connection.execute(query).fetchall()
        return int(found)

    def _unfit(self, what: str) -> FpcRuntimeError:
        return FpcRuntimeError(
            f"view `{self._view.name}` cannot be published: {what}",
            kept="what was served before is still served",
            help="build its tables again: fpc run",
        )


def tombstones(keys: Sequence[bytes], tombstone: bytes, as_of_us: int) -> RowBatch:
    """The same tombstone under each of these keys."""
    size = len(tombstone)
    ends = range(size, (len(keys) + 1) * size, size)
    return RowBatch(keys, tombstone * len(keys), ends, as_of_us, TOMBSTONE_MILLISECONDS)
