"""A feature's SQL uses OVER.

## What it does

Reports `OVER (...)` in a feature's SQL.

## Why

The feature's `window` says which events it sees. An SQL window inside it would depend on rows that the refresh does
not read.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amount) OVER (ORDER BY ordered_at)", window: 7d}
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

RULE = Rule(codes.WINDOW_FUNCTION, __doc__)
