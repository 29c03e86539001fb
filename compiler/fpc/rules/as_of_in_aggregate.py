"""AS_OF() stands where single events are looked at.

## What it does

Reports `AS_OF()` inside an aggregate, its FILTER, or `where`.

## Why

Single events are looked at once, and shared by every instant that is asked. Take the aggregate first and compare
with `AS_OF()` outside.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "MAX(DATE_DIFF('day', ordered_at, AS_OF()))", window: 7d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "DATE_DIFF('day', MIN(ordered_at), AS_OF())", window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.AS_OF_IN_AGGREGATE, __doc__)
