"""A deprecation's dates contradict each other.

## What it does

Reports a deprecation whose `remove_after` lies before its `since`.

## Why

Nobody would have had time to move away.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  deprecated: {since: 2026-11-01, remove_after: 2026-10-01, use: user_orders_v2, reason: counts gift orders}
---
feature_view:
  name: user_orders_v2
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(order_id)", window: 7d}
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
  deprecated: {since: 2026-11-01, remove_after: 2027-02-01, use: user_orders_v2, reason: counts gift orders}
---
feature_view:
  name: user_orders_v2
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(order_id)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.DEPRECATION_DATES, __doc__)
