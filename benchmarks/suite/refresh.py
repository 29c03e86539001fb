"""B8: refreshing one row per entity, from the partitions that the windows need, against all of history.

What is timed is the SELECT of the dbt model. A refresh that adds a day to kept tiles (a delta) is to stand here as a
third step, once models are kept that way.
"""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

PRUNED, WHOLE, LIFETIME = "windows up to 90 days, pruned scan", "the same, all of history", "48 features with lifetimes"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    spreads = interleaved(
        {
            PRUNED: step("refresh", settings.size, "bounded", "pruned"),
            WHOLE: step("refresh", settings.size, "bounded", "whole"),
            LIFETIME: step("refresh", settings.size, "all", "whole"),
        },
        settings.rounds,
    )
    why = "windows up to 90 days read an eighth of two years and aggregate it anew; a delta would read one day"
    findings = (
        Finding("B8", "all of history against the pruned scan, same features", ratio(spreads, WHOLE, PRUNED), "x", 12,
                at_most=False, why=why),
        Finding("B8", "48 features with lifetimes against the pruned scan", ratio(spreads, LIFETIME, PRUNED), "x"),
    )  # fmt: skip
    return Outcome("refresh", "Refreshing 200 k entities", settings.size, rows_of(spreads), findings)
