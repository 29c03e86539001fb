"""The SQL reads the clock.

## What it does

Reports `NOW()`, `CURRENT_DATE`, `TODAY()` and other functions that read the clock.

## Why

The clock at the time of the computation is not the instant that was asked for: a training row of March would be
computed with the date of today. `AS_OF()` is the instant asked for.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "DATE_DIFF('day', MAX(ordered_at), NOW())", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "DATE_DIFF('day', MAX(ordered_at), AS_OF())", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.CLOCK_FUNCTION, __doc__)
