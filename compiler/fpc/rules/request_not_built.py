"""Request-time views are not built yet.

## What it does

Refuses a view with `freshness: request`.

## Why

This release has no evaluator at request time. The spec is parsed and checked; compute the feature in the model's
code until then.

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
feature_view:
  name: checkout
  entity: user
  freshness: request
  request: {cart_value: double}
  features:
    - {name: cart_per_order, sql: REQUEST.cart_value / user_orders.orders_7d}
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
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.REQUEST_NOT_BUILT, __doc__)
