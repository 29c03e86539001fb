"""What somebody waits for who writes a feature: a preview of a million events, examples of them, a completed word."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, rows_of
from benchmarks.settings import Settings

_EVENTS = 1_000_000


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    csv, parquet = "fpc preview, 1,000,000 events of a CSV file", "fpc preview, 1,000,000 events of a Parquet file"
    example, layout = "fpc example --from-data, 1,000,000 events", "fpc fmt, four specs"
    preview = ("preview", "user_orders")
    spreads = interleaved(
        {
            csv: step("starter_command", _EVENTS, "csv", *preview),
            parquet: step("starter_command", _EVENTS, "parquet", *preview),
            example: step(
                "starter_command", _EVENTS, "parquet", "example", "user_orders", "--from-data", "--print", rounds=1
            ),
            layout: step("starter_command", 1000, "csv", "fmt", "--check"),
        },
        settings.rounds,
    )
    reading = "the start of Python, sqlglot and DuckDB takes one second of it; reading CSV runs on all cores"
    findings = (
        Finding("CLI", "fpc preview of 1,000,000 events of a CSV file, wall", spreads[csv].median("wall_seconds"),
                "s", 3.0, why=reading),
        Finding("CLI", "fpc preview of 1,000,000 events of a Parquet file, CPU",
                spreads[parquet].median("cpu_seconds"), "s", 3.0, why=reading),
        Finding("CLI", "fpc example --from-data of 1,000,000 events, CPU", spreads[example].median("cpu_seconds"), "s"),
        Finding("CLI", "fpc fmt of four specs, CPU", spreads[layout].median("cpu_seconds"), "s"),
    )  # fmt: skip
    return Outcome("authoring", "Writing features", settings.size, rows_of(spreads), findings)
