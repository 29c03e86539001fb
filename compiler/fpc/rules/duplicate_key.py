"""A mapping has the same key twice.

## What it does

Reports a mapping that has the same key twice.

## Why

YAML readers keep the last one silently, so that a reviewer who saw the first is wrong about what runs.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  freshness: 1d
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
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

RULE = Rule(codes.DUPLICATE_KEY, __doc__)
