"""A condition is not true or false.

## What it does

Reports a `where` or FILTER condition that is not true or false.

## Why

Engines disagree about whether 0, '' or 'f' count as false.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  where: amount
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
  where: amount > 0
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.NOT_BOOLEAN, __doc__)
