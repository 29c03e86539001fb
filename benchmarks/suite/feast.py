"""B6: the newest value before each row, against Feast's offline join, row by row."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks import data
from benchmarks.measure import ROOT, interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

#: Made by `uv venv benchmarks/.feast`, then `uv pip sync --python benchmarks/.feast --require-hashes
#: requirements/feast.lock`.
PYTHON = ROOT / "benchmarks" / ".feast" / "bin" / "python"
FPC = "fpc, to Parquet with its manifest"
GOALS = {"duckdb": 15.0, "file": 150.0}
_WHY = (
    "fpc's figure includes the Parquet file, its manifest and the hashes of inputs and content;"
    " Feast's ends with a frame in memory"
)


def run(settings: Settings, store: str) -> Outcome | None:
    """Measure one of Feast's offline stores, and judge; None without Feast's environment."""
    if not PYTHON.exists():
        return None
    size, theirs = settings.small, f"Feast 0.67, {store} store"
    ours, answer = (data.ROOT / size / f"newest_{name}.parquet" for name in ("fpc", store))
    rounds = settings.heavy_rounds if store == "file" else None
    spreads = interleaved(
        {
            FPC: step("training_set", size, "newest", "--to", "parquet", "--keep", ours),
            theirs: step("feast_join", store, size, answer, rounds=rounds, python=str(PYTHON)),
        },
        settings.rounds,
    )
    lost, tied, different = compare(ours, answer, data.spine(size), data.events(size))
    rows, kept = (_rows(path) for path in (data.spine(size), ours))
    findings = (
        Finding("B6", f"Feast's {store} store against fpc", ratio(spreads, theirs, FPC), "x", GOALS[store],
                at_most=False, why=_WHY),
        Finding("B6", f"rows of the spine lost by Feast's {store} store", lost, "%"),
        Finding("B6", "rows of the spine lost by fpc", 100 * (1 - kept / rows), "%", 0),
        Finding("B6", "rows that Feast kept with another value, newest events tied or null", tied, "rows"),
        Finding("B6", "rows that Feast kept with another value, neither", different, "rows", 0),
    )  # fmt: skip
    title = f"The newest values before each row, against Feast ({store} store)"
    return Outcome("feast", title, size, rows_of(spreads), findings)


def _rows(path: Path) -> int:
    return int(duckdb.execute(f"SELECT COUNT(*) FROM read_parquet('{path}')").fetchall()[0][0])


def compare(ours: Path, theirs: Path, spine: Path, events: Path) -> tuple[float, float, float]:
    """Percent of the spine's rows that Feast lost; kept rows that differ at ties and elsewhere."""
    kept = duckdb.execute(f"""
        SELECT COUNT(*), (SELECT COUNT(*) FROM read_parquet('{spine}'))
        FROM read_parquet('{theirs}')
    """).fetchall()[0]
    differing = duckdb.execute(f"""
        WITH differing AS (
            SELECT o.entity_id, o.ts FROM read_parquet('{ours}') o JOIN read_parquet('{theirs}') t USING (row_id)
            WHERE CAST(o.amount_last_lifetime AS DOUBLE) IS DISTINCT FROM t.amount
               OR o.category_last_lifetime IS DISTINCT FROM t.category
        ), newest AS (
            SELECT d.entity_id, d.ts, e.ts AS seen, COUNT(*) AS events, COUNT(*) - COUNT(e.amount) AS nulls
            FROM differing d JOIN read_parquet('{events}') e ON e.entity_id = d.entity_id AND e.ts < d.ts
            GROUP BY d.entity_id, d.ts, e.ts QUALIFY seen = MAX(seen) OVER (PARTITION BY d.entity_id, d.ts)
        )
        SELECT COUNT(*) FILTER (events > 1 OR nulls > 0), COUNT(*) FILTER (events = 1 AND nulls = 0) FROM newest
    """).fetchall()[0]
    return 100 * (1 - kept[0] / kept[1]), float(differing[0]), float(differing[1])
