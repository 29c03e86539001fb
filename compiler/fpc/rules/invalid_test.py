"""A test cannot be run as it is written.

## What it does

Reports a test that cannot be run as it is written: a range without ends or with ends the wrong way round, an empty
list of values.

## Why

It would pass or fail always, and guard nothing.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  tests:
    - range: {feature: orders_7d, min: 10, max: 1}
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
  tests:
    - range: {feature: orders_7d, min: 0}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.INVALID_TEST, __doc__)
