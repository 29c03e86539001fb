"""Every benchmark by its name, in the order in which they are run and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from benchmarks.outcome import Outcome
from benchmarks.settings import Settings
from benchmarks.suite import (
    airflow,
    authoring,
    backfill,
    compiler,
    feast,
    gate,
    index,
    marginal,
    memory,
    peers,
    publish,
    refresh,
    skew,
    threads,
    training,
)

SUITE: Mapping[str, Callable[[Settings], Outcome | None]] = {
    "training": training.run,
    "index": index.run,
    "peers": peers.run,
    "skew": skew.run,
    "marginal": marginal.run,
    "memory": memory.run,
    "threads": threads.run,
    "feast": partial(feast.run, store="duckdb"),
    "feast_file": partial(feast.run, store="file"),
    "refresh": refresh.run,
    "publish": publish.run,
    "gate": gate.run,
    "backfill": backfill.run,
    "airflow": airflow.run,
    "compiler": compiler.run,
    "authoring": authoring.run,
}
