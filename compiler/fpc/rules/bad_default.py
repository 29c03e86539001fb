"""A default does not have the feature's type.

## What it does

Reports a `default` that is not a value of the feature's type.

## Why

A default stands in where there is no value; with another type it could not be stored beside the others.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d, default: none}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d, default: 0}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.BAD_DEFAULT, __doc__)
