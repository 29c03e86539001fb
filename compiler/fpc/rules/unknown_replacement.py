"""What is deprecated names no known successor.

## What it does

Reports a deprecated view whose `use` is not a view of the repository, and a deprecated feature whose `use` is neither a
feature of its view nor `view.feature` of another.

## Why

Its readers are sent to something that is not there.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  deprecated: {since: 2026-11-01, remove_after: 2027-02-01, use: user_orders_v3, reason: counts gift orders}
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

RULE = Rule(codes.UNKNOWN_REPLACEMENT, __doc__)
