"""A feature reads the columns that its model's label is made of.

## What it does

Warns of a training set whose label is computed, by the SQL of its spine, from columns of a source's own table, if a
feature of its service reads these columns and the source has no `known_time`.

## Why

What a label is made of is mostly known later than the event that it is about. Without a known time, the outcomes of
earlier events count from when these happened: the model trains on outcomes that nobody knew yet.

## Example

```yaml
source:
  name: visits
  table: shop.visits
  event_time: visited_at
  columns: {visited_at: timestamptz, settled_at: timestamptz, user_id: bigint, paid: bigint}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: paid_30d, sql: SUM(paid), window: 30d}
---
feature_service:
  name: churn
  features: [user_visits.paid_30d]
---
training_set:
  name: churn_training
  service: churn
  spine:
    sql: SELECT user_id, visited_at, paid > 0 AS bought FROM shop.visits
    time: visited_at
    label: [bought]
```

## Use instead

```yaml
source:
  name: visits
  table: shop.visits
  event_time: visited_at
  known_time: settled_at
  columns: {visited_at: timestamptz, settled_at: timestamptz, user_id: bigint, paid: bigint}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: paid_30d, sql: SUM(paid), window: 30d}
---
feature_service:
  name: churn
  features: [user_visits.paid_30d]
---
training_set:
  name: churn_training
  service: churn
  spine:
    sql: SELECT user_id, visited_at, paid > 0 AS bought FROM shop.visits
    time: visited_at
    label: [bought]
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.LABEL_SOURCE, __doc__)
