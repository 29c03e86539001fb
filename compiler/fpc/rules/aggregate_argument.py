"""An aggregate has arguments that it does not take.

## What it does

Reports an aggregate with arguments of a number, type or value that it does not take.

## Why

`SUM` of text has no meaning, `LAST_K` needs to know how many, and a percentile lies between 0 and 1.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(status)", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(status)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.AGGREGATE_ARGUMENT, __doc__)
