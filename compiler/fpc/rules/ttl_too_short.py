"""Values expire before the next refresh is published.

## What it does

Reports an `online_ttl` that is shorter than the time until the next refresh is published: freshness and `delay`
together.

## Why

Values would expire before they are replaced, and every read just before a refresh would answer with a default.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  online_ttl: 30m
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
  online_ttl: 3d
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.TTL_TOO_SHORT, __doc__)
