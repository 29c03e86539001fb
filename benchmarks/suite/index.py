"""B3: the next training set over the same events, from a kept index."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

SORT = "S: one sort of the events"
FEWER, FEWER_BUILT, FEWER_READ = "24 invertible, no index", "24 invertible, making the index", "24 invertible, from it"
ALL, ALL_READ = "48 features, no index", "48 features, from an index"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    size, heavy = settings.size, settings.heavy_rounds
    spreads = interleaved(
        {
            SORT: step("sort", size),
            FEWER_READ: step("training_set", size, "invertible", "--kernel", "--index", "read"),
            ALL_READ: step("training_set", size, "all", "--kernel", "--index", "read"),
            FEWER_BUILT: step("training_set", size, "invertible", "--kernel", "--index", "build", rounds=heavy),
            FEWER: step("training_set", size, "invertible", "--kernel", rounds=heavy),
            ALL: step("training_set", size, "all", "--kernel", rounds=heavy),
        },
        settings.rounds,
    )
    same = all(
        len({value for name in names for value in spreads[name].facts("hash")}) == 1
        for names in ((FEWER, FEWER_BUILT, FEWER_READ), (ALL, ALL_READ))
    )
    fewer, all_ = (max(spreads[name].facts("index_bytes")) / 1e6 for name in (FEWER_READ, ALL_READ))
    findings = (
        Finding("B3", "24 invertible features from a kept index", ratio(spreads, FEWER_READ, SORT), "S", 0.25,
                why="reading the spine, one pass over the mapped events and the result are about a third each, and much"
                " of each is memory that the system hands out page by page"),
        Finding("B3", "48 features from a kept index", ratio(spreads, ALL_READ, SORT), "S"),
        Finding("B3", "48 features, no index against an index", ratio(spreads, ALL, ALL_READ), "x"),
        Finding("B3", "making the index against none, 24 invertible", ratio(spreads, FEWER_BUILT, FEWER), "x"),
        Finding("B3", "the index on disk, 24 invertible", fewer, "MB"),
        Finding("B3", "the index on disk, 48 features", all_, "MB"),
        Finding("B12", "the same bits with an index and without", float(same), "(1 = yes)", 1, at_most=False),
    )  # fmt: skip
    return Outcome("index", "The next training set over the same events", size, rows_of(spreads), findings)
