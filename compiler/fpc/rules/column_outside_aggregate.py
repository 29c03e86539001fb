"""A column stands beside aggregates instead of inside one.

## What it does

Reports a source's column that stands beside aggregates instead of inside one.

## Why

A window holds many events and the feature has one value: there is no single `status` of a user. Say which: the
newest, the most frequent, the greatest.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*) / amount", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*) / MAX(amount)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.COLUMN_OUTSIDE_AGGREGATE, __doc__)
