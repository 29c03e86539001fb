"""BF: two years of history by months against one run over all, and with little memory; a training set beside them."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

MONTHS, AT_ONCE = "one window, 24 months", "one window, all at once"
BOUNDED = "one window, 24 months, memory_limit 500MB"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    size = settings.small
    spreads = interleaved(
        {
            MONTHS: step("backfill", size, "one_window"),
            AT_ONCE: step("backfill", size, "one_window", "--chunk", "all"),
            BOUNDED: step("backfill", size, "one_window", "--memory-limit", "500MB"),
        },
        settings.heavy_rounds,
    )
    same = len({digest for spread in spreads.values() for digest in spread.facts("hash")}) == 1
    (rows,) = {rows for spread in spreads.values() for rows in spread.facts("rows")}
    pace = rows / spreads[MONTHS].median("cpu_seconds")
    findings = (
        Finding("BF", "by months, at once and in little memory: the same bits", float(same), "(1 = yes)", 1,
                at_most=False),
        Finding("BF", "by months against all at once, CPU", ratio(spreads, MONTHS, AT_ONCE), "x", 1.5,
                why="every month reads the week before it again, and opens a scratch database and the warehouse"),
        Finding("BF", "rows of the history made, each CPU second", pace, "rows/s"),
        Finding("BF", "peak memory of the whole process with memory_limit 500MB",
                spreads[BOUNDED].median("peak_bytes") / 2**20, "MiB", 650,
                why="Python and Arrow hold memory beside what the limit counts"),
    )  # fmt: skip
    return Outcome("backfill", "Backfills", size, rows_of(spreads), findings)
