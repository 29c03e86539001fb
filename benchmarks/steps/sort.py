"""The unit S: DuckDB scans the events, sorts them by entity and time, and materialises four columns."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import duckdb

from benchmarks import data
from benchmarks.measure import timed


def main(size: str) -> None:
    path = str(data.events(size))
    connection = duckdb.connect(config={"threads": 2})

    def work() -> Mapping[str, object]:
        connection.execute(
            "CREATE TABLE sorted AS SELECT entity_id, ts, amount, category FROM read_parquet(?) ORDER BY entity_id, ts",
            [path],
        )
        return {}

    timed(work)


if __name__ == "__main__":
    main(sys.argv[1])
