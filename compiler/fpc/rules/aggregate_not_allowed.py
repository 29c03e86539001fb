"""An aggregate stands where rows are filtered.

## What it does

Reports an aggregate in `where`, in a FILTER or in a derived feature.

## Why

These look at one row at a time. What an aggregate should filter belongs into a feature.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  where: SUM(amount) > 10
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  where: amount > 10
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.AGGREGATE_NOT_ALLOWED, __doc__)
