"""B7: the same training set with less than 1 GiB of memory."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

KERNEL, KERNEL_BOUNDED = "48 features, kernel, unbounded", "48 features, kernel, memory_limit 600MB"
SQL, SQL_BOUNDED = "24 invertible, SQL only, unbounded", "24 invertible, SQL only, memory_limit 700MB"
LIMITS = {KERNEL_BOUNDED: "600MB", SQL_BOUNDED: "700MB"}


def run(settings: Settings) -> Outcome:
    """Measure, and judge; both ways write Parquet, since a table in memory is memory."""
    size, heavy, file = settings.size, settings.heavy_rounds, ("--to", "parquet")
    spreads = interleaved(
        {
            KERNEL: step("training_set", size, "all", "--kernel", *file),
            KERNEL_BOUNDED: step(
                "training_set", size, "all", "--kernel", *file, "--memory-limit", LIMITS[KERNEL_BOUNDED]
            ),
            SQL: step("training_set", size, "invertible", *file, rounds=heavy),
            SQL_BOUNDED: step(
                "training_set", size, "invertible", *file, "--memory-limit", LIMITS[SQL_BOUNDED], rounds=heavy
            ),
        },
        settings.rounds,
    )
    same = len({*spreads[KERNEL].facts("hash"), *spreads[KERNEL_BOUNDED].facts("hash")}) == 1
    peak, sql_peak = (spreads[name].median("peak_bytes") / 2**30 for name in (KERNEL_BOUNDED, SQL_BOUNDED))
    findings = (
        Finding("B7", "kernel: peak memory of the whole process", peak, "GiB", 1.0,
                why="Python, Arrow and the compiled code hold 250 MB beside what the limit counts"),
        Finding("B7", "kernel: bounded against unbounded", ratio(spreads, KERNEL_BOUNDED, KERNEL), "x", 1.3,
                why="the events are dealt out to files of the shards, and read again from there"),
        Finding("B7", "SQL: peak memory of the whole process", sql_peak, "GiB", 1.0,
                why="Python and Arrow hold memory beside what the limit counts"),
        Finding("B7", "SQL: bounded against unbounded", ratio(spreads, SQL_BOUNDED, SQL), "x", 1.1,
                why="each of the few shards reads the events again, which costs less there than dealing them out"),
        Finding("B12", "bounded and unbounded give the same bits", float(same), "(1 = yes)", 1, at_most=False),
    )  # fmt: skip
    return Outcome("memory", "Bounded memory", size, rows_of(spreads), findings)
