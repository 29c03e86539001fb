"""Entity keys and source columns do not fit.

## What it does

Reports a view whose `keys` do not pair each key of the entity with a column of the same type.

## Why

Rows would be joined by the wrong column, or by values that are never equal.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  keys: {user_id: status}
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
  keys: {user_id: user_id}
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.KEY_MISMATCH, __doc__)
