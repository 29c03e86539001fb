"""A window is shorter than the time between refreshes.

## What it does

Warns of a window that is shorter than the time between two refreshes.

## Why

Events may enter and leave the window without ever being served.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_10m, sql: "COUNT(*)", window: 10m}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_6h, sql: "COUNT(*)", window: 6h}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.WINDOW_SHORTER_THAN_REFRESH, __doc__)
