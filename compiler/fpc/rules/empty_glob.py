"""A pattern of a service matches no feature.

## What it does

Reports a pattern such as `user_orders.amount_*` that matches no feature.

## Why

Its author expects features there.

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
  features: [user_orders.amount_*]
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
  features: [user_orders.orders_*]
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.EMPTY_GLOB, __doc__)
