"""A training set's batches with the columns of a spine in memory as they were given."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa


def with_own(reader: pa.RecordBatchReader, own: pa.Table) -> pa.RecordBatchReader:
    """The batches with their first columns taken from `own`, whose rows are the same.

    The engine knows one time zone and one kind of text: what came back from it would hold the same instants and
    values in other types.
    """
    schema = pa.schema([*own.schema, *list(reader.schema)[own.num_columns :]])
    return pa.RecordBatchReader.from_batches(schema, _batches(reader, own, schema))


def _batches(reader: pa.RecordBatchReader, own: pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in reader:
        mine = own.slice(start, batch.num_rows).combine_chunks()
        start += batch.num_rows
        columns = [column.chunk(0) for column in mine.columns] if batch.num_rows else []
        if columns or not own.num_columns:
            yield pa.RecordBatch.from_arrays([*columns, *batch.columns[own.num_columns :]], schema=schema)
