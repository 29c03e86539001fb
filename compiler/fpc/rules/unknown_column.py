"""A column is not declared by the source.

## What it does

Reports a column in SQL, in `where`, in `event_time` and wherever else a source's columns are named, that its
`columns` do not declare.

## Why

It would fail on the engine at the next refresh; here it is found while the spec is being written, at its place.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amuont)", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amount)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNKNOWN_COLUMN, __doc__)
