"""B9: publishing entities of 20 features against redis-py pipelines."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, ratio, rows_of
from benchmarks.settings import Settings

FPC, MAPPING, EACH, BYTES = "fpc publish", "redis-py HSET mapping", "redis-py HSET per feature", "redis-py SET of bytes"


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    entities = settings.entities
    spreads = interleaved(
        {
            FPC: step("publish", "fpc", entities),
            MAPPING: step("publish", "hset_mapping", entities),
            BYTES: step("publish", "set_bytes", entities),
            EACH: step("publish", "hset_each", entities, rounds=settings.heavy_rounds),
        },
        settings.rounds,
    )
    fpc = spreads[FPC]
    server = sorted(fpc.facts("server_cpu_seconds"))[len(fpc.runs) // 2]
    stored = sum(spreads[FPC].facts("memory")) / max(1, sum(spreads[MAPPING].facts("memory")[: len(fpc.runs)]))
    why = (
        "of fpc's CPU a third is DuckDB making keys as they are sent, a quarter packing rows with null flags and as-of "
        "times, a fifth the socket; the rest checks the table and keeps what was pushed"
    )
    findings = (
        Finding("B9", "HSET mapping against fpc, wall", ratio(spreads, MAPPING, FPC, "wall_seconds"), "x", 15,
                at_most=False, why=why),
        Finding("B9", "HSET per feature against fpc, wall", ratio(spreads, EACH, FPC, "wall_seconds"), "x", 50,
                at_most=False, why=why),
        Finding("B9", "redis-py SET of the same bytes against fpc, wall", ratio(spreads, BYTES, FPC, "wall_seconds"),
                "x"),
        Finding("B9", "HSET mapping against fpc, CPU of the client", ratio(spreads, MAPPING, FPC), "x"),
        Finding("B9", "fpc's CPU against the server's", fpc.median("cpu_seconds") / max(server, 0.01), "x", 0.3,
                why=why),
        Finding("B9", "the server's memory against hashes", stored, "x"),
    )  # fmt: skip
    return Outcome(
        "publish", f"Publishing {entities:,} entities of 20 features", settings.size, rows_of(spreads), findings
    )
