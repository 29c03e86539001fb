"""A feature does not say how far back it looks.

## What it does

Reports a feature without `window` or `windows`, or an `offset` without a window to shift.

## Why

How far back a feature looks decides its value and its cost. `lifetime` says that it looks at everything.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders, sql: COUNT(*)}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders, sql: COUNT(*), window: lifetime}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.MISSING_WINDOW, __doc__)
