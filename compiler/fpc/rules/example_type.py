"""A value of an example does not have its column's type.

## What it does

Reports a value of an example that is not one of its column's type.

## Why

The engine would cast it to something else, or fail.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  examples:
    - name: one order counts
      at: 2024-03-08T00:00:00Z
      given:
        - {order_id: first, user_id: 7, ordered_at: 2024-03-07T12:00:00Z}
      expect:
        - {user_id: 7, orders_7d: 1}
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
  examples:
    - name: one order counts
      at: 2024-03-08T00:00:00Z
      given:
        - {order_id: 1, user_id: 7, ordered_at: 2024-03-07T12:00:00Z}
      expect:
        - {user_id: 7, orders_7d: 1}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.EXAMPLE_TYPE, __doc__)
