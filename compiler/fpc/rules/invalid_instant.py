"""A date or time cannot be read.

## What it does

Reports a date or time that cannot be read.

## Why

Instants are ISO 8601: `2024-03-08` or `2024-03-08T12:00:00Z`.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  start: 8 March 2024
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
  start: 2024-03-08
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.INVALID_INSTANT, __doc__)
