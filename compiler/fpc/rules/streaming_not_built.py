"""Streaming views are not built yet.

## What it does

Refuses a view whose freshness asks for streaming: below `tiers.streaming_below` of fpc.yml, 5 minutes by default.

## Why

This release refreshes by schedule. The spec is parsed and checked, but a value that fresh cannot be promised yet.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1m
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 5m
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.STREAMING_NOT_BUILT, __doc__)
