"""The naive join: every earlier event of the entity beside every spine row, then filtered aggregates."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import duckdb

from benchmarks import data
from benchmarks.measure import timed

WINDOWS = {"1h": "1 HOUR", "1d": "1 DAY", "7d": "7 DAY", "30d": "30 DAY", "90d": "90 DAY", "lifetime": None}
FUNCTIONS = {
    "count": "count(e.amount)",
    "sum": "sum(e.amount)",
    "avg": "avg(e.amount)",
    "stddev": "stddev_samp(e.amount)",
    "min": "min(e.amount)",
    "max": "max(e.amount)",
    "count_distinct": "count(DISTINCT e.category)",
    "last": "arg_max(e.amount, (e.ts, e.amount))",
}


def main(size: str, functions: str, rows: str) -> None:
    chosen = list(FUNCTIONS) if functions == "all" else functions.split(",")
    columns = ", ".join(
        f"{FUNCTIONS[function]}"
        + (f" FILTER (WHERE e.ts >= s.ts - INTERVAL {length})" if length else "")
        + f" AS amount_{function}_{window}"
        for function in chosen
        for window, length in WINDOWS.items()
    )
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    # Plain timestamps: arithmetic in a time zone would make the naive join slower than it need be.
    naive = "* REPLACE (ts AT TIME ZONE 'UTC' AS ts)"
    events = f"(SELECT {naive} FROM read_parquet('{data.events(size)}'))"
    spine = f"(SELECT {naive} FROM read_parquet('{data.spine(size)}') WHERE row_id < {int(rows)})"

    def work() -> Mapping[str, object]:
        connection.execute(
            f"CREATE TABLE answer AS SELECT s.row_id, {columns} FROM {spine} s LEFT JOIN {events} e"
            " ON e.entity_id = s.entity_id AND e.ts < s.ts GROUP BY s.row_id"
        )
        return {}

    timed(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
