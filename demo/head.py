"""Print rows of a Parquet file, the first ones and some from its middle: `python demo/head.py FILE COLUMN...`."""

from __future__ import annotations

import sys

import duckdb

ROWS = 5

if __name__ == "__main__":
    file, *columns = sys.argv[1:]
    duckdb.sql("SET TimeZone = 'UTC'")
    table = duckdb.read_parquet(file).select(*columns)
    rows = len(table)
    print(f"The first of {rows:,} rows, and some from the middle:")
    for offset in (0, rows // 2):
        table.limit(ROWS, offset=offset).show(max_width=200)
