"""B8: a day's refresh of one row per entity, carried forward from the day before, against computing all of it anew.

What is timed is what `fpc run` has dbt execute: the SELECT of the model, and the write of its table.
"""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

FULL, CARRIED = "{}, from all events", "{}, carried forward a day"
SETS = {"all": "48 features", "invertible": "count, sum, avg, stddev alone"}


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    spreads = interleaved(
        {
            name.format(words): step("refresh", settings.size, features, form)
            for features, words in SETS.items()
            for name, form in ((FULL, "full"), (CARRIED, "carried"))
        },
        settings.rounds,
    )
    gains = {features: ratio(spreads, FULL.format(words), CARRIED.format(words)) for features, words in SETS.items()}
    findings = (
        Finding("B8", "48 features, all events against a day carried forward", gains["all"], "x", 12, at_most=False,
                why="what has no exact state (distinct counts, extremes that left) is computed anew"),
        Finding("B8", "the same, count, sum, avg and stddev alone", gains["invertible"], "x", 50, at_most=False,
                why="the write of the table is a share of both"),
    )  # fmt: skip
    return Outcome("refresh", "Refreshing 200 k entities", settings.size, rows_of(spreads), findings)
