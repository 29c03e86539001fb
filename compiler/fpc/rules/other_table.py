"""The SQL names another table than its own.

## What it does

Reports SQL that names another table than its own.

## Why

A feature sees the events of its source and a test sees `this`. Joining another table reads it as it is now, not as
it was known at the time.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  tests:
    - no_rows: SELECT * FROM orders
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
  tests:
    - no_rows: SELECT * FROM this WHERE orders_7d < 0
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.OTHER_TABLE, __doc__)
