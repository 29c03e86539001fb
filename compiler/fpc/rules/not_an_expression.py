"""The SQL is a query or a statement, not an expression.

## What it does

Reports a query or a statement where an expression is wanted.

## Why

fpc writes the query around the expression: the window, the entity and what was known when. A query of one's own
would go around all of that.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SELECT COUNT(*) FROM orders", window: 7d}
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

RULE = Rule(codes.NOT_AN_EXPRESSION, __doc__)
