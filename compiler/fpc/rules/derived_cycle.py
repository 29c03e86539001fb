"""Derived features depend on each other in a circle.

## What it does

Reports derived features that depend on each other in a circle.

## Why

None of them could be computed first.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  derived:
    - {name: a, sql: b + 1}
    - {name: b, sql: a + 1}
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
  derived:
    - {name: a, sql: orders_7d + 1}
    - {name: b, sql: a + 1}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.DERIVED_CYCLE, __doc__)
