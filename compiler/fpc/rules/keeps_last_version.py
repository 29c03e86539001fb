"""A source's rows are overwritten: what they were earlier is lost.

## What it does

Warns of a source that dates its rows by their last change (`updated_at`), without a `unique_key` by which the
versions of a row belong together; `append_only: true` says that each change is an event of its own. Finds, in the SQL
of a dbt model that a source reads, rows numbered from the newest on, and an incremental model that replaces rows by
their key. Finds a source that reads the table of a feature view, which each refresh overwrites.

## Why

A row that has changed twice is there once, dated by the second change. At an instant between the two it is missing,
though it was there: training sees less than serving did, and which rows are missing depends on the future.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: updated_at
  columns: {visited_at: timestamptz, visit_id: bigint, user_id: bigint, updated_at: timestamptz, seconds: bigint}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: seconds_30d, sql: "SUM(seconds)", window: 30d}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: updated_at
  unique_key: visit_id
  columns: {visited_at: timestamptz, visit_id: bigint, user_id: bigint, updated_at: timestamptz, seconds: bigint}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: seconds_30d, sql: "SUM(seconds)", window: 30d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.KEEPS_LAST_VERSION, __doc__)
