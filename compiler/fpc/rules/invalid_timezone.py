"""A time zone is not known.

## What it does

Reports a `timezone` that is not in the time zone database.

## Why

Naive timestamps would be read wrongly, by hours, and differently in summer.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  timezone: Europe/Berlim
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  timezone: Europe/Berlin
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.INVALID_TIMEZONE, __doc__)
