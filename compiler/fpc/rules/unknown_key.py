"""A key is not known here.

## What it does

Reports a key that is not known at its place, and names the nearest that is.

## Why

A misspelt key that is ignored leaves a default in force: the view is then refreshed, filtered or expired in another
way than its author meant.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  frehsness: 1h
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

RULE = Rule(codes.UNKNOWN_KEY, __doc__)
