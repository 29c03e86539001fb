"""A value has another shape than this key takes.

## What it does

Reports a value that is a list, a mapping or a scalar where the key takes another of these, or a number where it
takes text.

## Why

Guessing what was meant would make two readers understand one spec in two ways.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features: {name: orders_7d, sql: "COUNT(*)", window: 7d}
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

RULE = Rule(codes.WRONG_SHAPE, __doc__)
