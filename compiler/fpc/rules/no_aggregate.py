"""A feature's SQL has no aggregate.

## What it does

Reports a feature whose SQL has no aggregate.

## Why

Without one the SQL either is a constant or names a column of many events. Use `latest: column` for the newest
value.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "1 + 1", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: last_status, latest: status, window: 90d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.NO_AGGREGATE, __doc__)
