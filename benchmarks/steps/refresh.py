"""The SELECT of a refresh's dbt model, its references filled in by hand; `whole` hides the bounds from the scan."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks import data, repository
from benchmarks.measure import timed
from fpc.pipeline import compile_repository

AS_OF = "TIMESTAMPTZ '2023-12-31 00:00:00+00'"


def model(text: str, size: str) -> str:
    """The model's SQL without Jinja."""
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}|\{\{ config\(.*?\) \}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)
    text = re.sub(r"\{\{ source\('\w+', '\w+'\) \}\}", f"read_parquet('{data.events(size)}')", text)
    return text.replace("{{ as_of }}", AS_OF)


def main(size: str, features: str, scan: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = repository.make(size, features, Path(folder))
        artefacts = {str(found.path): found.text for found in compile_repository(root).value}
    (staging,) = (text for path, text in artefacts.items() if path.endswith("stg_payments.sql"))
    (feature,) = (text for path, text in artefacts.items() if path.endswith("payer_payments.sql"))
    if scan == "whole":
        # A call hides the column from the file's statistics.
        staging = staging.replace("ts as event_at", "make_timestamptz(epoch_us(ts)) as event_at")
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW stg_payments AS {model(staging, size)}")

    def work() -> Mapping[str, object]:
        connection.execute(f"CREATE TABLE refreshed AS {model(feature, size)}")
        return {}

    def after() -> Mapping[str, object]:
        return {"entities": connection.execute("SELECT COUNT(*) FROM refreshed").fetchall()[0][0]}

    timed(work, after)


if __name__ == "__main__":
    main(*sys.argv[1:])
