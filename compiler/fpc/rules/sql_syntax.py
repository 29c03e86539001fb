"""The SQL cannot be parsed.

## What it does

Reports SQL that cannot be parsed, at the character at which it stops making sense.

## Why

The SQL is DuckDB's dialect whatever the engine. What does not parse cannot be typed, checked or compiled.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "SUM(amount", window: 7d}
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

RULE = Rule(codes.SQL_SYNTAX, __doc__)
