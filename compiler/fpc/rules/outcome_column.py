"""A feature reads what is known only after the event.

## What it does

Warns of a feature that reads how something ended (`refunded_at`, `was_delivered`, `outcome`) from a row that is
dated when it began, by a source without a `known_time`; and of one that reads when a version ended (`valid_to`,
`is_current`), which no row knows while it counts.

## Why

The row is written, or written again, when the outcome is known. Dated at its beginning it tells the model the end of
what is still under way.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, visit_id: bigint, user_id: bigint, refunded_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: refunds_30d, sql: "COUNT(refunded_at)", window: 30d}
```

## Use instead

```yaml
source:
  name: refunds
  path: data/refunds.parquet
  event_time: refunded_at
  columns: {refunded_at: timestamptz, visit_id: bigint, user_id: bigint}
---
feature_view:
  name: user_refunds
  entity: user
  source: refunds
  freshness: 1h
  features:
    - {name: refunds_30d, sql: "COUNT(*)", window: 30d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.OUTCOME_COLUMN, __doc__)
