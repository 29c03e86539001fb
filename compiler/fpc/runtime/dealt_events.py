"""Events dealt out to files by the hash of their keys, in one pass, so that no shard of the entities reads them all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from fpc.contract.registry import ColumnContract
from fpc.runtime.arrow_file import ArrowFile
from fpc.runtime.quoting import quoted
from fpc.runtime.shard import Shard, remainder

#: So many files are open at once; more shards than these share them.
MOST_FILES: Final = 64
_BATCH_ROWS: Final = 131_072
#: What comes back from Arrow as it went; DECIMAL with its digits behind it.
_FAITHFUL: Final = re.compile(
    r"BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)"
    r"|VARCHAR|BLOB|DATE|TIMESTAMP( WITH TIME ZONE)?"
)


class DealtEvents:
    """A relation's rows in files of a folder: a row is in file `HASH(keys) % files`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: str,
        keys: Sequence[ColumnContract],
        files: int,
        folder: Path,
    ) -> None:
        """Deal the relation out; raises `OSError` where the folder's disk is full, having removed what it wrote."""
        self._connection = connection
        self._files = tuple(folder / f"events_{place}.arrow" for place in range(files))
        lot = f"CAST({remainder(keys, files)} AS UTINYINT)"
        reader = connection.sql(f"SELECT {lot} AS _lot, * FROM {quoted(relation)}").to_arrow_reader(_BATCH_ROWS)
        try:
            _deal(reader, self._files)
        except BaseException:
            self.remove()
            raise

    def register(self, name: str, shard: Shard) -> None:
        """Register the file that has the shard's events, and maybe others', as a relation of the connection."""
        self._connection.register(name, ArrowFile(self._files[shard.place % len(self._files)]))

    def remove(self) -> None:
        """Remove the files."""
        for file in self._files:
            file.unlink(missing_ok=True)


def files_for(shards: int) -> int:
    """In how many files the events of so many shards are: a divisor of `shards`, as large as may be open at once."""
    return next(files for files in range(min(shards, MOST_FILES), 0, -1) if shards % files == 0)


def is_dealable(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    """Whether every column of the relation comes back from a file as it went."""
    found = connection.execute(f"DESCRIBE {quoted(relation)}").fetchall()
    return all(_FAITHFUL.fullmatch(str(row[1])) for row in found)


def _deal(reader: pa.RecordBatchReader, files: Sequence[Path]) -> None:
    schema = pa.schema(list(reader.schema)[1:])
    with ExitStack() as opened:
        writers = [opened.enter_context(pa.ipc.new_stream(str(file), schema)) for file in files]
        for batch in reader:
            for place, rows in _lots(batch, len(files)):
                writers[place].write_batch(rows)


def _lots(batch: pa.RecordBatch, files: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The batch's rows by file, each lot in the order they came."""
    lots: np.ndarray[Any, np.dtype[np.uint8]] = batch.column(0).to_numpy()
    order = np.argsort(lots, kind="stable")
    bounds = np.searchsorted(lots[order], np.arange(files + 1))
    dealt = batch.select(range(1, batch.num_columns)).take(pa.array(order))
    for place in range(files):
        if bounds[place] < bounds[place + 1]:
            yield place, dealt.slice(bounds[place], bounds[place + 1] - bounds[place])
