"""A feature reads a column that is changed in place after its row is known.

## What it does

Warns of a feature that reads a column whose value is that of now, from a source that does not keep what it was: a
column that says how things stand (`status`, `is_active`, `last_login_at`), or any column of a row that has an
`updated_at` beside it. A `known_time` says from when on a row held what it holds, and answers it. So does
`immutable: [COLUMN]`, for a column that never changes. (This rule finds FPC0320 to FPC0329.)

## Why

When the row is changed, the file or table forgets what it said before. A training set made next month finds the
status of next month at every earlier instant, which the model will never see when it serves.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, visit_id: bigint, user_id: bigint, status: varchar}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: bounced_30d, sql: "COUNT(*) FILTER (WHERE status = 'bounced')", window: 30d}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: updated_at
  unique_key: visit_id
  columns: {visited_at: timestamptz, visit_id: bigint, user_id: bigint, status: varchar, updated_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: bounced_30d, sql: "COUNT(*) FILTER (WHERE status = 'bounced')", window: 30d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.leaks import report_leaks
from fpc.rules.rule import Reach, Rule

RULE = Rule(codes.OVERWRITTEN_COLUMN, __doc__, report_leaks, Reach.DOCUMENT)
