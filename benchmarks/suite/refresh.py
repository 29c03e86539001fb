"""B8: a day's refresh of one row per entity, carried forward from the day before, against computing all of it anew.

What is timed is what `fpc run` has dbt execute: the SELECT of the model, the write of its table, and the checkpoint of
the database as dbt ends.
"""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

FULL, CARRIED = "{}, from all events", "{}, carried forward a day"
SETS = {
    "days": "30 features",
    "invertible_days": "count, sum, avg, stddev alone",
    "all": "48 features with last and distinct counts",
}


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
        Finding("B8", "30 features, all events against a day carried forward", gains["days"], "x", 12, at_most=False,
                why="the table of 200 k entities is written whole each time, and extremes that left are looked for in "
                "their windows"),
        Finding("B8", "the same, count, sum, avg and stddev alone", gains["invertible_days"], "x", 50, at_most=False,
                why="the table is written whole, which is half of what is left; the changes alone are a fifth"),
        Finding("B8", "48 features with last and distinct counts over 1 h to all of time", gains["all"], "x"),
    )  # fmt: skip
    return Outcome("refresh", "Refreshing 200 k entities", settings.size, rows_of(spreads), findings)
