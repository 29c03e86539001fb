"""A view says neither freshness nor schedule.

## What it does

Reports a view with neither `freshness` nor `schedule`.

## Why

They decide the instants at which values are served, and so what a training set `as_served` means.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
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

RULE = Rule(codes.MISSING_FRESHNESS, __doc__)
