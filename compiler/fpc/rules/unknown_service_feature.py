"""A service reads a feature that is not there.

## What it does

Reports a feature service that reads a view or feature that does not exist, and suggests the nearest that does.

## Why

The model would get nulls for it, or nothing at all.

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
  features: [user_orders.orders_8d]
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

RULE = Rule(codes.UNKNOWN_SERVICE_FEATURE, __doc__)
