"""B1, B2: training sets against one sort of the same events."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

SORT = "S: one sort of the events"
KERNEL = "fpc, 48 features, kernel"
FILE = "fpc, 48 features, kernel, Parquet + manifest"
FEWER = "fpc, 24 invertible, SQL only"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    size = settings.size
    spreads = interleaved(
        {
            SORT: step("sort", size),
            KERNEL: step("training_set", size, "all", "--kernel"),
            FEWER: step("training_set", size, "invertible"),
            FILE: step("training_set", size, "all", "--kernel", "--to", "parquet", rounds=settings.heavy_rounds),
        },
        settings.rounds,
    )
    findings = (
        Finding("B1", "48 features with the kernel, to an Arrow table", ratio(spreads, KERNEL, SORT), "S", 1.5,
                why="every event passes from DuckDB through Arrow into the layout, and each copy of hundreds of MB"
                " meets memory that the system hands out page by page; sliding the 48 windows is a third of the time"),
        Finding("B1", "the same, written as Parquet with its manifest and hashes", ratio(spreads, FILE, SORT), "S"),
        Finding("B2", "24 invertible features in SQL alone, to an Arrow table", ratio(spreads, FEWER, SORT), "S", 2.0,
                why="events and the probes of all windows are sorted together, and the result is put back in order"),
    )  # fmt: skip
    title = "Training sets: 8 aggregates over 6 windows, against one sort"
    return Outcome("training", title, size, rows_of(spreads), findings)
