"""A function of a matrix is not known.

## What it does

Reports a function of an `aggregate` matrix that the platform does not have.

## Why

The matrix takes the functions of the spec language alone; anything else goes into `sql`.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {aggregate: {amount: [total]}, windows: [7d]}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {aggregate: {amount: [sum]}, windows: [7d]}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNKNOWN_AGGREGATION, __doc__)
