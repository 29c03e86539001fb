"""A schedule is not a cron expression.

## What it does

Reports a `schedule` that is not a cron expression of five fields.

## Why

The grid of refreshes would be unknown.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  schedule: "61 * * * *"
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  schedule: "5 * * * *"
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.INVALID_SCHEDULE, __doc__)
