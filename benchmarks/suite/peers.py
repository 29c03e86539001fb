"""B1, B2: training sets against the naive join, polars and pandas."""

from __future__ import annotations

from benchmarks.data import SIZES
from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

KERNEL = "fpc, 48 features, kernel"
FEWER = "fpc, 24 invertible, SQL only"
SQL = "fpc, 48 features, SQL only"
NAIVE = "naive join, 48 features, part of the spine"
NAIVE_FEWER = "naive join, 24 invertible, part of the spine"
POLARS = "polars, 24 invertible"
PANDAS = "pandas, 24 invertible"
#: How many spine rows the naive join gets; the rest is extrapolated.
NAIVE_ROWS = 20_000
NAIVE_FEWER_ROWS = 100_000


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    size, heavy = settings.size, settings.heavy_rounds
    spreads = interleaved(
        {
            KERNEL: step("training_set", size, "all", "--kernel"),
            SQL: step("training_set", size, "all", rounds=heavy),
            FEWER: step("training_set", size, "invertible"),
            POLARS: step("frames", "polars", size, rounds=heavy),
            PANDAS: step("frames", "pandas", size, rounds=heavy),
            NAIVE_FEWER: step("naive", size, "count,sum,avg,stddev", NAIVE_FEWER_ROWS, rounds=heavy),
            NAIVE: step("naive", size, "all", NAIVE_ROWS, rounds=heavy),
        },
        settings.rounds,
    )
    spine = SIZES[size].spine
    naive = ratio(spreads, NAIVE, KERNEL) * max(1, spine / NAIVE_ROWS)
    naive_fewer = ratio(spreads, NAIVE_FEWER, FEWER) * max(1, spine / NAIVE_FEWER_ROWS)
    same = len({*spreads[KERNEL].facts("hash"), *spreads[SQL].facts("hash")}) == 1
    small = "the goal is that of 20 M events; the naive join grows with the square of the events of an entity"
    findings = (
        Finding("B1", "naive join (extrapolated by rows) against the kernel, 48 features", naive, "x", 150,
                at_most=False, why=small),
        Finding("B1", "SQL alone against the kernel, 48 features", ratio(spreads, SQL, KERNEL), "x"),
        Finding("B2", "naive join (extrapolated by rows) against SQL, 24 features", naive_fewer, "x", 30,
                at_most=False, why=small),
        Finding("B2", "polars (running sums, 6 as-of joins) against SQL", ratio(spreads, POLARS, FEWER), "x"),
        Finding("B2", "pandas (running sums, 6 merge_asof) against SQL", ratio(spreads, PANDAS, FEWER), "x"),
        Finding("B12", "kernel and SQL give the same bits", float(same), "(1 = yes)", 1, at_most=False),
    )  # fmt: skip
    return Outcome("peers", "Training sets against other ways", size, rows_of(spreads), findings)
