"""A duration is not a whole number of s, m, h, d or w.

## What it does

Reports a duration that is not a whole number of `s`, `m`, `h`, `d` or `w`, or is longer than a hundred years.

## Why

Months and years have no fixed length, so a window of one would have another length each time.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 1 month}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 30d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.INVALID_DURATION, __doc__)
