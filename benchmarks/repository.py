"""The feature repository over the benchmarks' events: one source, one entity, one view, one service."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import data

WINDOWS = ("1h", "1d", "7d", "30d", "90d", "lifetime")
#: The feature sets that are timed: functions of the amount, functions of the category, windows.
SETS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "all": (("count", "sum", "avg", "stddev", "min", "max", "last"), ("count_distinct",), WINDOWS),
    "invertible": (("count", "sum", "avg", "stddev"), (), WINDOWS),
    "one": (("sum",), (), ("7d",)),
    "one_window": (("count", "sum", "avg", "stddev", "min", "max", "last"), ("count_distinct",), ("7d",)),
    "days": (("count", "sum", "avg", "stddev", "min", "max"), (), WINDOWS[1:]),
    "invertible_days": (("count", "sum", "avg", "stddev"), (), WINDOWS[1:]),
    "newest": (("last",), ("last",), ("lifetime",)),
}

_SPECS = """\
source:
  name: payments
  description: Seeded events of the benchmarks.
  owner: team:bench
  path: events.parquet
  event_time: ts
  columns: {{entity_id: bigint, event_id: bigint, ts: timestamptz, amount: "decimal(12,2)", category: varchar}}
---
entity:
  name: payer
  description: Whoever pays.
  owner: team:bench
  keys: {{entity_id: bigint}}
---
feature_view:
  name: payer_payments
  version: 1
  description: What is timed.
  owner: team:bench
  entity: payer
  source: payments
  freshness: 1d
  features:
    - aggregate: {{{aggregate}}}
      windows: [{windows}]
---
feature_service:
  name: timed
  version: 1
  description: All of it.
  owner: team:bench
  features: [payer_payments.*]
"""

_CONFIG = """\
name: bench
defaults: {owner: "team:bench"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
"""


def make(size: str, features: str, folder: Path) -> Path:
    """Write the repository for one size and one feature set into `folder`; its events are a link to the data."""
    of_amount, of_category, windows = SETS[features]
    aggregate = f"amount: [{', '.join(of_amount)}]"
    if of_category:
        aggregate += f", category: [{', '.join(of_category)}]"
    (folder / "features").mkdir(parents=True, exist_ok=True)
    (folder / "fpc.yml").write_text(_CONFIG)
    (folder / "features" / "bench.yml").write_text(_SPECS.format(aggregate=aggregate, windows=", ".join(windows)))
    link = folder / "events.parquet"
    if not link.exists():
        os.link(data.events(size), link)
    return folder
