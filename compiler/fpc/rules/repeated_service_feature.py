"""A service lists a feature twice.

## What it does

Reports a service that lists a feature twice, also by way of a pattern.

## Why

Training sets would have the column twice.

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
  features: [user_orders.orders_7d, user_orders.orders_7d]
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
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.REPEATED_SERVICE_FEATURE, __doc__)
