"""The SQL reads files, settings or the environment.

## What it does

Reports functions that read files, settings or the environment: `read_csv`, `getenv`, `current_setting` and their
like.

## Why

A feature's value may depend on its events alone. Anything else would leak, or differ between machines.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*) FILTER (WHERE status = getenv('STATUS'))", window: 7d}
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

RULE = Rule(codes.FILE_ACCESS, __doc__)
