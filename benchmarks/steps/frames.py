"""The 24 invertible features in polars or pandas: running sums, then one as-of join per window's edge."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from benchmarks import data
from benchmarks.measure import timed

HOUR = 3_600_000_000
WINDOWS = {"1h": HOUR, "1d": 24 * HOUR, "7d": 168 * HOUR, "30d": 720 * HOUR, "90d": 2160 * HOUR, "lifetime": None}


def with_polars(size: str) -> Mapping[str, object]:
    import polars as pl

    running = (
        pl.scan_parquet(data.events(size))
        .select("entity_id", at=pl.col("ts").dt.epoch("us"), x=pl.col("amount").cast(pl.Float64))
        .sort("entity_id", "at")
        .with_columns(
            n=pl.col("x").is_not_null().cast(pl.Int64).cum_sum().over("entity_id"),
            s=pl.col("x").fill_null(0).cum_sum().over("entity_id"),
            q=(pl.col("x").fill_null(0) ** 2).cum_sum().over("entity_id"),
        )
        .select("entity_id", "at", "n", "s", "q")
        .collect()
        .sort("at")
    )
    asked = pl.scan_parquet(data.spine(size)).select("row_id", "entity_id", t=pl.col("ts").dt.epoch("us")).collect()

    def at(shift: int) -> pl.DataFrame:
        # Strictly before an instant is at or before the microsecond before it.
        probes = asked.with_columns(at=pl.col("t") - shift - 1).sort("at")
        return (
            probes.join_asof(running, on="at", by="entity_id", check_sortedness=False)
            .sort("row_id")
            .select(pl.col("n", "s", "q").fill_null(0))
        )

    past = at(0)
    answer = {}
    for window, length in WINDOWS.items():
        grown = past if length is None else past - at(length)
        n, s, q = grown["n"], grown["s"], grown["q"]
        answer[f"count_{window}"], answer[f"sum_{window}"], answer[f"avg_{window}"] = n, s, s / n
        answer[f"stddev_{window}"] = ((q - s * s / n) / (n - 1)).clip(0).sqrt()
    return {"rows": pl.DataFrame(answer).height}


def with_pandas(size: str) -> Mapping[str, object]:
    import numpy as np
    import pandas as pd

    events = pd.read_parquet(data.events(size), columns=["entity_id", "ts", "amount"])
    events["x"] = pd.to_numeric(events.pop("amount").astype("float64"))
    events = events.sort_values(["entity_id", "ts"], kind="stable")
    events["n"] = events["x"].notna().groupby(events["entity_id"]).cumsum()
    events["s"] = events["x"].fillna(0).groupby(events["entity_id"]).cumsum()
    events["q"] = (events["x"].fillna(0) ** 2).groupby(events["entity_id"]).cumsum()
    running = events[["entity_id", "ts", "n", "s", "q"]].sort_values("ts", kind="stable")
    asked = pd.read_parquet(data.spine(size))

    def at(shift: int) -> pd.DataFrame:
        probes = asked.assign(ts=asked["ts"] - pd.Timedelta(shift, "us")).sort_values("ts")
        joined = pd.merge_asof(probes, running, on="ts", by="entity_id", allow_exact_matches=False)
        return joined.sort_values("row_id")[["n", "s", "q"]].fillna(0).reset_index(drop=True)

    past = at(0)
    answer = {}
    for window, length in WINDOWS.items():
        grown = past if length is None else past - at(length)
        n, s, q = (grown[name].astype("float64") for name in ("n", "s", "q"))
        answer[f"count_{window}"], answer[f"sum_{window}"], answer[f"avg_{window}"] = n, s, s / n
        answer[f"stddev_{window}"] = np.sqrt(((q - s * s / n) / (n - 1)).clip(lower=0))
    return {"rows": len(pd.DataFrame(answer))}


if __name__ == "__main__":
    library, wanted = sys.argv[1:]
    do = {"polars": with_polars, "pandas": with_pandas}[library]
    do("tiny")
    timed(lambda: do(wanted))
