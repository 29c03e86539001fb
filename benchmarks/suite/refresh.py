"""B8: a day's refresh of one row per entity, carried forward from the day before, against computing all of it anew.

What is timed is what `fpc run` has dbt execute: the SELECT of the model, the write of its table, and the checkpoint of
the database as dbt ends.
"""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

FULL, CARRIED = "{}, from all events", "{}, carried forward a day"
SELECTED = "{}, the rows that a day changes, in memory"
SETS = {
    "days": "30 features",
    "invertible_days": "count, sum, avg, stddev alone",
    "all": "48 features with last and distinct counts",
}


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    steps = {
        name.format(words): step("refresh", settings.size, features, form)
        for features, words in SETS.items()
        for name, form in ((FULL, "full"), (CARRIED, "carried"))
    }
    few = SETS["invertible_days"]
    steps[SELECTED.format(few)] = step("refresh", settings.size, "invertible_days", "selected")
    spreads = interleaved(steps, settings.rounds)
    gains = {features: ratio(spreads, FULL.format(words), CARRIED.format(words)) for features, words in SETS.items()}
    findings = (
        Finding("B8", "30 features, all events against a day carried forward", gains["days"], "x", 12, at_most=False,
                why="of 73 k entities that change, states and features are added up, joined and written, and extremes "
                "that left are looked for in their windows"),
        Finding("B8", "the same, count, sum, avg and stddev alone", gains["invertible_days"], "x", 50, at_most=False,
                why="reading and adding up what moved is a fifth of it; the rest is joining that to the states of the "
                "73 k entities concerned, making their 20 features, and writing the rows"),
        Finding("B8", "the same, up to the table: its rows in memory", ratio(spreads, FULL.format(few),
                SELECTED.format(few)), "x"),
        Finding("B8", "48 features with last and distinct counts over 1 h to all of time", gains["all"], "x"),
    )  # fmt: skip
    return Outcome("refresh", "Refreshing 200 k entities", settings.size, rows_of(spreads), findings)
