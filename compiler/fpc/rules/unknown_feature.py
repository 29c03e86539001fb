"""A feature is not one of this view.

## What it does

Reports a derived feature or a test that names a feature that the view does not have.

## Why

It would be null for ever, or fail at the next refresh.

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
    - {name: twice, sql: orders_8d * 2}
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
    - {name: twice, sql: orders_7d * 2}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNKNOWN_FEATURE, __doc__)
