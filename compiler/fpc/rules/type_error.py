"""The types of an expression do not fit.

## What it does

Reports an expression whose operands have types that do not go together.

## Why

Engines cast silently, and not alike: text compared with a number is an error on one and false on another.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amount + status)", window: 7d}
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

RULE = Rule(codes.TYPE_ERROR, __doc__)
