"""Drift tests are not run yet.

## What it does

Reports a `drift` test, which this release does not run.

## Why

A test that is written down but not run would be trusted.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  tests:
    - drift: {feature: orders_7d, metric: psi, warn: 0.1, error: 0.25, baseline: 28d}
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
  tests:
    - range: {feature: orders_7d, min: 0}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.DRIFT_NOT_BUILT, __doc__)
