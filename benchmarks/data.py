"""Seeded events and spines of the benchmarks: skewed entities, ties, rows exactly on windows' edges.

`20m` has 20 M events of 200 k entities (Zipf 0.7) over two years and a spine of 1 M rows; `2m` a tenth of both; `hot`
is `20m` with Zipf 1.0, so that one entity has 8 % of all events.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

ROOT = Path(__file__).parent / ".data"
DAY = 86_400_000_000
START = 1_640_995_200_000_000  # 2022-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class Size:
    events: int
    entities: int
    spine: int
    skew: float


SIZES = {
    "tiny": Size(200_000, 2_000, 10_000, 0.7),
    "2m": Size(2_000_000, 20_000, 100_000, 0.7),
    "20m": Size(20_000_000, 200_000, 1_000_000, 0.7),
    "hot": Size(20_000_000, 200_000, 1_000_000, 1.0),
    "hot2m": Size(2_000_000, 20_000, 100_000, 1.0),
    "hottiny": Size(200_000, 2_000, 10_000, 1.0),
}


def events(name: str) -> Path:
    """The Parquet file of the events, in order of time: entity_id, event_id, ts, amount decimal(12,2), category."""
    return _made(name) / "events.parquet"


def spine(name: str) -> Path:
    """The Parquet file of the spine: row_id, entity_id, ts; 13 % of rows exactly on an edge, 3 % unknown entities."""
    return _made(name) / "spine.parquet"


def _made(name: str) -> Path:
    folder = ROOT / name
    if not (folder / "spine.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(SIZES[name], folder)
    return folder


def _entities(random: np.random.Generator, size: Size, rows: int) -> np.ndarray:
    weights = np.cumsum(np.arange(1, size.entities + 1) ** -size.skew)
    ranks = np.searchsorted(weights, random.random(rows) * weights[-1])
    # Ranks are scattered over the ids, so that hot entities do not stand next to each other.
    scattered: np.ndarray = np.random.default_rng(7).permutation(size.entities)[ranks].astype(np.int64)
    return scattered


def _make(size: Size, folder: Path) -> None:
    random = np.random.default_rng(2026)
    times = np.sort(random.integers(0, 730 * DAY // 1_000_000, size.events)) * 1_000_000 + START
    entity = _entities(random, size, size.events)
    cents = np.round(random.lognormal(3.0, 1.0, size.events) * 100).astype(np.int64)
    kinds = np.array([f"cat_{kind:02d}" for kind in range(50)])
    kind = np.minimum(random.geometric(0.1, size.events) - 1, 49)
    missing = random.random(size.events) < 0.01

    picked = random.integers(0, size.events, size.spine)
    asked_entity = _entities(random, size, size.spine)
    asked = random.integers(0, 730 * DAY, size.spine) + START
    on_edge = random.random(size.spine) < 0.13
    shift = random.choice(np.array([0, DAY, 7 * DAY]), size.spine)
    asked[on_edge] = times[picked[on_edge]] + shift[on_edge]
    asked_entity[on_edge] = entity[picked[on_edge]]
    unknown = random.random(size.spine) < 0.03
    asked_entity[unknown] += size.entities

    instant = pa.timestamp("us", tz="UTC")
    table = pa.table(
        {
            "entity_id": entity,
            "event_id": np.arange(size.events),
            "ts": pa.array(times).cast(instant),
            "cents": pa.array(cents, mask=missing),
            "category": pa.DictionaryArray.from_arrays(kind.astype(np.int8), kinds),
        }
    )
    rows = pa.table({"row_id": np.arange(size.spine), "entity_id": asked_entity, "ts": pa.array(asked).cast(instant)})
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("made_events", table)
        connection.register("made_spine", rows)
        connection.sql(
            "SELECT entity_id, event_id, ts, CAST(cents / 100 AS DECIMAL(12, 2)) AS amount,"
            " category::VARCHAR AS category FROM made_events"
        ).write_parquet(str(folder / "events.parquet"), compression="zstd")
        connection.sql("SELECT * FROM made_spine").write_parquet(str(folder / "spine.parquet"), compression="zstd")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["tiny"], choices=list(SIZES))
    for wanted in parser.parse_args().sizes:
        print(events(wanted), spine(wanted))
