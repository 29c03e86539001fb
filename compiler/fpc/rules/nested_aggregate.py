"""An aggregate stands inside another.

## What it does

Reports an aggregate inside another one.

## Why

An aggregate takes rows and gives one value; there are no rows left for the outer one. SQL refuses it as well.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "MAX(SUM(amount))", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "MAX(amount)", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.NESTED_AGGREGATE, __doc__)
