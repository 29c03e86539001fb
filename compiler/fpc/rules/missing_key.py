"""A key that is needed is missing.

## What it does

Reports a document that lacks a key without which it means nothing.

## Why

There is no sensible default for it: a source without an event time, for instance, has no point-in-time meaning.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  columns: {visited_at: timestamptz}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.MISSING_KEY, __doc__)
