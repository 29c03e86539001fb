"""A window is listed twice.

## What it does

Reports a window that is listed twice, also in another spelling (`24h` and `1d`).

## Why

Both would be the same feature under the same name.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: "orders_{window}", sql: COUNT(*), windows: [1d, 24h]}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: "orders_{window}", sql: COUNT(*), windows: [1d, 7d]}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.DUPLICATE_WINDOW, __doc__)
