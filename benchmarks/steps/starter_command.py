"""One `fpc` command in the repository of `fpc init` with many orders, as a process of its own, its start included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks import data
from benchmarks.measure import timed

#: Orders in two versions each, of fifty thousand users over five months; the same at each call.
_ROWS = """
SELECT i // 2 AS order_id,
    CAST(HASH(i // 2) % 50000 AS BIGINT) AS user_id,
    MAKE_TIMESTAMPTZ(1704067200000000 + CAST(HASH(i // 2) % 12960000000000 AS BIGINT)) AS ordered_at,
    MAKE_TIMESTAMPTZ(1704067200000000 + CAST(HASH(i // 2) % 12960000000000 AS BIGINT) + i % 2 * 3600000000)
        AS updated_at,
    CASE WHEN i % 2 = 0 THEN 'placed' WHEN HASH(i) % 5 = 0 THEN 'cancelled' ELSE 'completed' END AS status,
    CAST((HASH(i // 2) % 10000) / 100 AS DECIMAL(12, 2)) AS amount
FROM RANGE({rows}) AS t (i)
"""


def main(rows: str, ending: str, *command: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = Path(folder) / "shop"
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")

        def run(*arguments: str, cwd: Path) -> Mapping[str, object]:
            quiet = subprocess.DEVNULL
            whole = [sys.executable, "-m", "fpc.cli.main", *arguments]
            subprocess.run(whole, cwd=cwd, check=True, stdout=quiet, stderr=quiet, env=environment)
            return {}

        run("init", "shop", cwd=Path(folder))
        run(*command, cwd=root)
        path = root / "data" / f"orders.{ending}"
        duckdb.execute(f"COPY ({_ROWS.format(rows=int(rows))}) TO '{path}'")
        source = root / "features" / "shop" / "sources.yml"
        source.write_text(source.read_text().replace("data/orders.csv", f"data/orders.{ending}"))
        timed(lambda: run(*command, cwd=root))


if __name__ == "__main__":
    main(*sys.argv[1:])
