"""B5: what the next feature costs: 48 features against one."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

ONE, ALL, FEWER, ONE_WINDOW = "1 feature", "48 features", "24 invertible, SQL only", "8 features of one window"
ONE_SQL = "1 feature, SQL only"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    size, heavy = settings.size, settings.heavy_rounds
    spreads = interleaved(
        {
            ONE: step("training_set", size, "one", "--kernel"),
            ONE_WINDOW: step("training_set", size, "one_window", "--kernel", rounds=heavy),
            ALL: step("training_set", size, "all", "--kernel"),
            ONE_SQL: step("training_set", size, "one", rounds=heavy),
            FEWER: step("training_set", size, "invertible", rounds=heavy),
        },
        settings.rounds,
    )
    findings = (
        Finding("B5", "kernel: 48 features against one", ratio(spreads, ALL, ONE), "x", 1.5,
                why="one feature needs no dictionary, no queue and an output of 8 MB: scan and layout are all its cost,"
                " while 48 bring 400 MB to the spine's order"),
        Finding("B5", "kernel: six windows against one", ratio(spreads, ALL, ONE_WINDOW), "x"),
        Finding("B5", "SQL: 24 features against one", ratio(spreads, FEWER, ONE_SQL), "x"),
    )  # fmt: skip
    return Outcome("marginal", "What more features cost", size, rows_of(spreads), findings)
