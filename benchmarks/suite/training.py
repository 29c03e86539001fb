"""B1, B2: training sets against one sort of the same events, the naive join, polars and pandas."""

from __future__ import annotations

from benchmarks.data import SIZES
from benchmarks.measure import Spread, interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

KERNEL = "fpc, 48 features, kernel"
FILE = "fpc, 48 features, kernel, Parquet + manifest"
SQL = "fpc, 48 features, SQL only"
FEWER = "fpc, 24 invertible, SQL only"
SORT = "S: one sort of the events"
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
    steps = {
        SORT: step("sort", size),
        KERNEL: step("training_set", size, "all", "--kernel"),
        FEWER: step("training_set", size, "invertible"),
        FILE: step("training_set", size, "all", "--kernel", "--to", "parquet", rounds=heavy),
        SQL: step("training_set", size, "all", rounds=heavy),
        POLARS: step("frames", "polars", size, rounds=heavy),
        PANDAS: step("frames", "pandas", size, rounds=heavy),
        NAIVE_FEWER: step("naive", size, "count,sum,avg,stddev", NAIVE_FEWER_ROWS, rounds=heavy),
        NAIVE: step("naive", size, "all", NAIVE_ROWS, rounds=heavy),
    }
    spreads = interleaved(steps, settings.rounds)
    title = "Training sets: 8 aggregates over 6 windows, 20 M events, 1 M spine rows"
    return Outcome("training", title, size, rows_of(spreads), tuple(_findings(settings, spreads)))


def _findings(settings: Settings, spreads: dict[str, Spread]) -> list[Finding]:
    spine = SIZES[settings.size].spine
    naive = ratio(spreads, NAIVE, KERNEL) * max(1, spine / NAIVE_ROWS)
    naive_fewer = ratio(spreads, NAIVE_FEWER, FEWER) * max(1, spine / NAIVE_FEWER_ROWS)
    same = len({*spreads[KERNEL].facts("hash"), *spreads[SQL].facts("hash")}) == 1
    return [
        Finding("B1", "48 features with the kernel, to an Arrow table", ratio(spreads, KERNEL, SORT), "S", 1.5,
                why="finishing 48 columns in SQL and handing them out in the spine's order takes a third of the time"),
        Finding("B1", "the same, written as Parquet with its manifest", ratio(spreads, FILE, SORT), "S"),
        Finding("B1", "naive join (extrapolated by rows) against the kernel", naive, "x", 150, at_most=False,
                why="the naive join is DuckDB's hash join, which has become faster per pair than the figure assumed"),
        Finding("B1", "48 features in SQL alone", ratio(spreads, SQL, SORT), "S"),
        Finding("B2", "24 invertible features in SQL alone", ratio(spreads, FEWER, SORT), "S", 2.0,
                why="events and probes of all windows are sorted together, and the result is put back in order"),
        Finding("B2", "naive join (extrapolated by rows) against it", naive_fewer, "x", 30, at_most=False,
                why="the SQL's own cost, as above"),
        Finding("B2", "polars (running sums, 6 as-of joins) against it", ratio(spreads, POLARS, FEWER), "x"),
        Finding("B2", "pandas (running sums, 6 merge_asof) against it", ratio(spreads, PANDAS, FEWER), "x"),
        Finding("B12", "kernel and SQL give the same bits", float(same), "(1 = yes)", 1, at_most=False),
    ]  # fmt: skip
