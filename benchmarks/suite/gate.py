"""B11: the gate with 50 tests, within the refresh that it guards and over many rows."""

from __future__ import annotations

import statistics

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, rows_of
from benchmarks.settings import Settings

MANY, FEW = 10_000_000, 100_000


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    rows = MANY if settings.size != "tiny" else FEW
    refresh = "a whole refresh"
    alone, cold, warm = (f"{of:,} rows, {how}" for of, how in
                         ((FEW, "process started"), (rows, "process started"), (rows, "process there")))  # fmt: skip
    spreads = interleaved(
        {
            refresh: step("gated_refresh", settings.size),
            alone: step("gate", FEW, "cold"),
            cold: step("gate", rows, "cold", rounds=settings.heavy_rounds),
            warm: step("gate", rows, "warm", rounds=settings.heavy_rounds),
        },
        settings.rounds,
    )

    def median(name: str) -> float:
        return float(statistics.median(spreads[refresh].facts(name)))

    guarded = median("build_seconds") + median("publish_seconds")
    peak = max(spreads[cold].facts("both_peak_bytes"))
    findings = (
        Finding("B11", "wall time of the gate in a refresh, after dbt, import included", median("gate_seconds"), "s",
                max(2.0, guarded / 10), why="the import of Great Expectations was not done when dbt was"),
        Finding("B11", "the same as a stage by itself, over 100,000 rows, wall",
                spreads[alone].median("wall_seconds"), "s", 2.0,
                why="nothing hides the import of Great Expectations, which is nearly all of it"),
        Finding("B11", "the rest of that refresh, wall", guarded, "s"),
        Finding("B11", "CPU of Great Expectations' process, beside dbt", median("gate_process_cpu_seconds"), "s"),
        Finding("B11", f"memory of both processes at their peaks, {rows:,} rows", peak / 2**30, "GiB", 2.0,
                why="DuckDB is held to one, the rest is the programs'"),
        Finding("B11", f"CPU of 50 tests over {rows:,} rows, without the process", spreads[warm].median("cpu_seconds"),
                "s"),
    )  # fmt: skip
    return Outcome("gate", "The gate, with 50 tests", settings.size, rows_of(spreads), findings)
