"""A feature reads what its model is to predict.

## What it does

Warns of a training set whose service has a feature that reads the label's own column, from a source without a
`known_time`.

## Why

An event's own label is never in its window. But earlier events' labels are, from the instant at which the events
happened, although outcomes mostly become known later. The model then trains on what nobody knew yet. With a
`known_time`, each outcome counts from when it was known.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, user_id: bigint, bought: boolean, settled_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: bought_30d, sql: COUNT(*) FILTER (WHERE bought), window: 30d}
---
feature_service:
  name: churn
  features: [user_visits.bought_30d]
---
training_set:
  name: churn_training
  service: churn
  spine: {path: data/visits.parquet, time: visited_at, label: [bought]}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: settled_at
  columns: {visited_at: timestamptz, user_id: bigint, bought: boolean, settled_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: bought_30d, sql: COUNT(*) FILTER (WHERE bought), window: 30d}
---
feature_service:
  name: churn
  features: [user_visits.bought_30d]
---
training_set:
  name: churn_training
  service: churn
  spine: {path: data/visits.parquet, time: visited_at, label: [bought]}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.LABEL_AS_FEATURE, __doc__)
