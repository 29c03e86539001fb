"""A source, entity or service is not declared.

## What it does

Reports a reference to a source, entity or service that is not declared, and suggests the nearest that is.

## Why

Nothing can be computed for a view whose source or entity is not known.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: oders
  freshness: 1h
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

RULE = Rule(codes.UNKNOWN_NAME, __doc__)
