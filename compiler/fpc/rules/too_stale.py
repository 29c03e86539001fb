"""A view cannot be as fresh as a service asks.

## What it does

Reports a service whose `max_staleness` is shorter than what a view that it reads can promise: freshness and `delay`
together.

## Why

Just before each refresh, every answer would break the promise.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
---
feature_service:
  name: churn
  features: [user_orders.orders_7d]
  max_staleness: 30m
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
---
feature_service:
  name: churn
  features: [user_orders.orders_7d]
  max_staleness: 2h
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.TOO_STALE, __doc__)
