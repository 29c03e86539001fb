"""SQL syntax that features may not use.

## What it does

Reports SQL syntax that features may not use: lambdas, subqueries, `*` outside of COUNT(*), collations and the like.

## Why

It either reads more than the events of the window, or has no equal on every engine.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM((SELECT 1))", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amount)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNSUPPORTED_SYNTAX, __doc__)
