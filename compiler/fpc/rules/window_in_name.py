"""`{window}` is missing from a name, or stands there in vain.

## What it does

Reports a feature with several `windows` whose name lacks `{window}`, or a name that has it without several windows.

## Why

Each window is a feature of its own, and needs a name of its own.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders, sql: COUNT(*), windows: [7d, 30d]}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: "orders_{window}", sql: COUNT(*), windows: [7d, 30d]}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.WINDOW_IN_NAME, __doc__)
