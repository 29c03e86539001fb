"""An aggregate function is not one of the platform's.

## What it does

Reports an aggregate function that the platform does not have.

## Why

Every aggregate is defined once: how it merges, what it does with nulls, how ties are decided. Only those can have
the same value in training and serving.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "STRING_AGG(status, ',')", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(DISTINCT status)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNSUPPORTED_AGGREGATE, __doc__)
