"""A source's live stream is not read yet.

## What it does

Warns of a source with `stream`, which this release does not read.

## Why

Its files or table are read as usual; only what the live stream would add has to wait.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  stream:
    kafka: {topic: visits, format: json}
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
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

RULE = Rule(codes.STREAM_NOT_BUILT, __doc__)
