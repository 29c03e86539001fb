"""An example's expectation does not name its entity.

## What it does

Reports a row of `expect` that does not name each key of the entity.

## Why

There would be no telling whose values are expected.

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
        - {order_id: 1, user_id: 7, ordered_at: 2024-03-07T12:00:00Z}
      expect:
        - {orders_7d: 1}
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

RULE = Rule(codes.EXAMPLE_KEY, __doc__)
