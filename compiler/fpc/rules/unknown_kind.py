"""A document does not name one known kind.

## What it does

Reports a document whose single top-level key is not `source`, `entity`, `feature_view`, `feature_service` or
`training_set`.

## Why

The key says what the document declares. Without it, nothing in the document would have any effect.

## Example

```yaml
feature_veiw:
  name: user_orders
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

RULE = Rule(codes.UNKNOWN_KIND, __doc__)
