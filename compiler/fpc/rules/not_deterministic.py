"""A function gives another answer at each call.

## What it does

Reports a function that gives another answer at each call, such as `RANDOM()` or `UUID()`.

## Why

A training set could never be made again, and what is served would differ from what was trained on.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amount * RANDOM())", window: 7d}
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

RULE = Rule(codes.NOT_DETERMINISTIC, __doc__)
