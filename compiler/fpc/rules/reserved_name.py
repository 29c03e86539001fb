"""A name is taken by SQL or by the platform.

## What it does

Reports a name that SQL or the platform keeps for itself: `as_of`, `event_at`, `known_at`, `this`, names that begin
with `fpc_`, and their like.

## Why

It would collide with a column that fpc adds, or have to be quoted wherever it is used.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: as_of, sql: "COUNT(*)", window: 7d}
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

RULE = Rule(codes.RESERVED_NAME, __doc__)
