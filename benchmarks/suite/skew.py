"""B4: one entity with 8 % of all events against a moderate skew."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

KERNEL, HOT_KERNEL = "48 features, kernel, Zipf 0.7", "48 features, kernel, Zipf 1.0"
SQL, HOT_SQL = "24 invertible, SQL only, Zipf 0.7", "24 invertible, SQL only, Zipf 1.0"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    spreads = interleaved(
        {
            KERNEL: step("training_set", settings.size, "all", "--kernel"),
            HOT_KERNEL: step("training_set", settings.skewed, "all", "--kernel"),
            SQL: step("training_set", settings.size, "invertible", rounds=settings.heavy_rounds),
            HOT_SQL: step("training_set", settings.skewed, "invertible", rounds=settings.heavy_rounds),
        },
        settings.rounds,
    )
    findings = (
        Finding("B4", "kernel: hot entity against moderate skew", ratio(spreads, HOT_KERNEL, KERNEL), "x", 1.1,
                why="of a hot entity nearly every event is in a short window that is asked, of others few are, so that "
                "the queues of least and greatest values are moved for more events; all else costs the same"),
        Finding("B4", "SQL: hot entity against moderate skew", ratio(spreads, HOT_SQL, SQL), "x", 1.1,
                why="noise of a shared machine, or a sort that meets one long run"),
    )  # fmt: skip
    return Outcome("skew", "Skew: an entity with 8 % of all events", settings.size, rows_of(spreads), findings)
