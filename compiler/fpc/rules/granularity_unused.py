"""A granularity is for streaming views alone.

## What it does

Reports `granularity` in a view that is refreshed by schedule.

## Why

A granularity rounds the window's tail in streaming views alone; here it would have no effect.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  granularity: 1m
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
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.GRANULARITY_UNUSED, __doc__)
