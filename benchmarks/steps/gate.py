"""The gate over a table of many rows: 24 features, one value of ten missing, 50 tests that all pass.

`cold` starts the gate's process and imports Great Expectations, `warm` finds it there, as a refresh does after dbt.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks import data
from benchmarks.measure import timed
from fpc.contract.registry import (
    ColumnContract,
    FeatureContract,
    GateTestContract,
    GridContract,
    Measure,
    ViewContract,
)
from fpc.runtime.gate.examine import examine
from fpc.runtime.gate.process import cool, warm

FEATURES = [f"feature_{number}" for number in range(24)]


def view() -> ViewContract:
    """The view of the table, with 50 tests."""
    tests = [
        GateTestContract("table__columns", "error", Measure.WRONG_COLUMNS.value, None, None, None, 0, 1),
        GateTestContract("table__grain", "error", Measure.REPEATED_KEYS.value, None, None, None, 0, 1),
    ]
    for name in FEATURES:
        outside = f'"{name}" < 0 or "{name}" > 100'
        tests += [
            GateTestContract(f"table__range_{name}", "error", Measure.FAILING_ROWS.value, name, outside, None, 0, 1),
            GateTestContract(f"table__nulls_{name}", "error", Measure.SHARE_OF_NULLS.value, name, None, None, 0.2, 1),
        ]
    return ViewContract(
        name="table", version=1, description="", owner="", entity="payer",
        keys=(ColumnContract("entity_id", "bigint"),),
        features=tuple(FeatureContract(name, "double", None, name, "") for name in FEATURES),
        fingerprint="one", table="main.measured", empty_table="main.none", dbt_select="",
        grid=GridContract(3_600_000_000, None), delay_us=0, online_ttl_us=None, source="payments", spec="",
        tests=tuple(tests),
    )  # fmt: skip


def make(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Fill the table, the same at each run."""
    columns = ", ".join(
        f"CASE WHEN hash(i, {at}) % 10 > 0 THEN (hash({at}, i) % 10000) / 100 END AS {name}"
        for at, name in enumerate(FEATURES)
    )
    connection.execute(
        f"CREATE TABLE measured AS SELECT i AS entity_id, {columns}, make_timestamptz(0) AS as_of "
        f"FROM range({rows}) AS r(i)"
    )
    connection.execute("CHECKPOINT")


def main(rows: str, start: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        path = str(Path(folder) / "warehouse.duckdb")
        maker = duckdb.connect(path, config={"memory_limit": "1GB", "preserve_insertion_order": False})
        maker.execute("SET TimeZone = 'UTC'")
        make(maker, int(rows))
        maker.close()
        connection = duckdb.connect(path)
        connection.execute("SET TimeZone = 'UTC'")
        if start == "warm":
            warm()
            examine(connection, Path(folder), "bench", view(), 0)

        def work() -> Mapping[str, object]:
            report = examine(connection, Path(folder), "bench", view(), 0)
            if not report.passed or report.tests != 50:
                raise SystemExit(f"{len(report.failed)} of {report.tests} tests failed")
            both = _peak() + _peak_of_children()
            if start == "cold":
                cool()
            return {"rows": report.rows, "both_peak_bytes": both}

        timed(work)


def _peak() -> int:
    """The most memory that this process held, the making of the table included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _peak_of_children() -> int:
    """The most that the running child processes held; 0 where the system does not tell.

    What getrusage says of children begins with what their parent held when it started them.
    """
    peak = 0
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            status = Path(f"/proc/{child}/status").read_text()
            peak += sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
    return peak


if __name__ == "__main__":
    main(*sys.argv[1:])
