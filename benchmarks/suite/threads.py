"""B12: bit-identical at any number of threads."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, rows_of
from benchmarks.settings import Settings

THREADS = (1, 2, 8)


def run(settings: Settings) -> Outcome:
    """Measure, and judge: once each, for this is about values."""
    size = settings.size
    steps = {
        f"{name}, {threads} threads": step("training_set", size, features, *kernel, "--threads", threads, rounds=1)
        for name, features, kernel in (
            ("48 features, kernel", "all", ("--kernel",)),
            ("24 invertible, SQL only", "invertible", ()),
        )
        for threads in THREADS
    }
    spreads = interleaved(steps, 1)
    hashes = {name: spread.facts("hash")[0] for name, spread in spreads.items()}
    kernel = {found for name, found in hashes.items() if "kernel" in name}
    findings = (
        Finding("B12", "different answers of the kernel at 1, 2 and 8 threads", float(len(kernel)), "", 1),
        Finding(
            "B12", "different answers of SQL at 1, 2 and 8 threads", float(len({*hashes.values()} - kernel)), "", 1
        ),
    )
    return Outcome("threads", "The same bits at any number of threads", size, rows_of(spreads), findings)
