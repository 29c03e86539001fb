"""A source seems to be loaded later than it happens, and does not say so.

## What it does

Warns of a source without `known_time` that has a timestamp column whose name says when rows arrive: `loaded_at`,
`ingested_at`, `received_at` and their like.

## Why

Without a known time, a row that was loaded on Tuesday counts on Monday, when it happened: training sees what
serving could not. This is the most common leak of all, and makes models look better than they are until they run.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, loaded_at: timestamptz, user_id: bigint}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: loaded_at
  columns: {visited_at: timestamptz, loaded_at: timestamptz, user_id: bigint}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.leaks.names import is_arrival_time
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec
from fpc.types.logical import Kind


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    for source in spec.sources:
        if source.known_time is not None or source.event_time is None:
            continue
        for column in source.columns:
            name = column.name.value
            is_instant = column.type is not None and column.type.kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
            if is_instant and is_arrival_time(name) and name != source.event_time.column.value:
                findings.warning(
                    codes.FUTURE_LEAK,
                    f"rows of `{source.name.value}` seem to arrive later than they happen, at `{name}`",
                    column.name.span,
                    "looks like the time at which a row came",
                    notes=("without `known_time`, every row counts as known when it happened",),
                    help=f"add `known_time: {name}` to the source",
                )


RULE = Rule(codes.FUTURE_LEAK, __doc__, _check, Reach.DOCUMENT)
