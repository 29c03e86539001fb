"""Feast's offline join of one feature view: the newest amount and category before each spine row.

Runs in the environment of requirements/feast.lock. Feast joins at or before the row's own instant, fpc strictly
before it; the events are stamped a microsecond later, so that both answer the same question.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, String

from benchmarks import data
from benchmarks.measure import timed


def join(store: str, size: str, output: str) -> None:
    """Time the join, and keep its rows in `output`."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.parquet"
        frame = pd.read_parquet(data.events(size), columns=["entity_id", "ts", "amount", "category"])
        frame["ts"] = frame["ts"] + pd.Timedelta(1, "us")
        frame["amount"] = frame["amount"].astype("float64")
        frame.to_parquet(events)
        del frame
        config = RepoConfig(
            project="bench",
            provider="local",
            registry=str(Path(folder) / "registry.db"),
            offline_store={"type": store},
            entity_key_serialization_version=3,
        )
        feast = FeatureStore(config=config)
        entity = Entity(name="entity", join_keys=["entity_id"], value_type=ValueType.INT64)
        view = FeatureView(
            name="newest",
            entities=[entity],
            ttl=timedelta(0),
            schema=[Field(name="amount", dtype=Float64), Field(name="category", dtype=String)],
            source=FileSource(path=str(events), timestamp_field="ts"),
        )
        feast.apply([entity, view])
        spine = pd.read_parquet(data.spine(size)).rename(columns={"ts": "event_timestamp"})
        answers: list[pd.DataFrame] = []

        def work() -> Mapping[str, object]:
            features = ["newest:amount", "newest:category"]
            answers.append(feast.get_historical_features(entity_df=spine, features=features).to_df())
            return {"rows": len(answers[0])}

        timed(work)
        answers[0][["row_id", "amount", "category"]].to_parquet(output)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    join(*sys.argv[1:])
