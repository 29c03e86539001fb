"""SQL syntax that features may not use.

## What it does

Reports SQL syntax that features may not use: collations, parameters, struct literals
and the like.

## Why

It either reads more than the events of the window, or has no equal on every engine.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "MAX(status COLLATE NOCASE)", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "MAX(LOWER(status))", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNSUPPORTED_SYNTAX, __doc__)
