"""Template markers stand in SQL.

## What it does

Reports `{{`, `{%` or `{#` in SQL.

## Why

They are instructions to a template engine. fpc uses none for SQL: spec text never becomes template code. Text in
quotes is not meant; such text is written out safely.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*) FILTER (WHERE {{ condition }})", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*) FILTER (WHERE status = 'completed')", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.TEMPLATE_MARKER, __doc__)
