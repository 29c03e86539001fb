"""Two keys exclude each other.

## What it does

Reports two keys that exclude each other, such as `path` beside `table`.

## Why

Whichever of them won, the other would lie to the reader.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  table: raw.visits
  event_time: visited_at
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

RULE = Rule(codes.CONFLICTING_KEYS, __doc__)
