"""A source promises a lateness but has no known time to tell it by.

## What it does

Warns of a source that has a `max_lateness` but no `known_time`.

## Why

Lateness is the known time minus the event time. Without a known time every row counts as known when it happened:
the promise cannot be checked, and late rows look early in every training set.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  max_lateness: 2h
  columns: {visited_at: timestamptz, seen_at: timestamptz, user_id: bigint}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: seen_at
  max_lateness: 2h
  columns: {visited_at: timestamptz, seen_at: timestamptz, user_id: bigint}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    for source in spec.sources:
        if source.max_lateness is not None and source.known_time is None:
            findings.warning(
                codes.UNCHECKED_LATENESS,
                f"the source `{source.name.value}` promises a lateness but has no known time",
                source.max_lateness.span,
                "nothing tells when a row came",
                help="name the column that holds when a row was loaded as `known_time`",
            )


RULE = Rule(codes.UNCHECKED_LATENESS, __doc__, _check, Reach.DOCUMENT)
