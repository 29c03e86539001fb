"""A function is not among those that features may use.

## What it does

Reports a function that is not among those that features may use.

## Why

Each allowed function is known to be deterministic, free of side effects and of one meaning on every path that
evaluates it. Others are refused rather than guessed at.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(soundex_of(status))", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(LENGTH(status))", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNKNOWN_FUNCTION, __doc__)
