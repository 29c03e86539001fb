"""The SQL holds more than one expression.

## What it does

Reports SQL with more than one expression, separated by `;`.

## Why

A feature has one value. Anything behind a semicolon is a mistake or an injection.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*); DROP TABLE orders", window: 7d}
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

RULE = Rule(codes.SEVERAL_STATEMENTS, __doc__)
