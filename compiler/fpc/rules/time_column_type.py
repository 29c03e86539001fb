"""A time column does not hold instants.

## What it does

Reports a time column that is neither a timestamp nor a number with a `unit`.

## Why

Text and dates have no single reading as an instant.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: varchar}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.TIME_COLUMN_TYPE, __doc__)
