"""Services would be moved to a new version unasked.

## What it does

`fpc plan` reports a view whose version was raised for a change of values, while a service that read the old version
goes on reading the view by its name, and its owner has not agreed.

## Why

A new version is there for those who want it. Until the others are ready, what they read must go on meaning what it
meant: the old version is kept and served until its date.

## Example

```text
 feature_view:
   name: user_orders
-  version: 1
+  version: 2
```

## Use instead

```text
feature_view:
  name: user_orders_v1            # the view as it was
  version: 1
  deprecated: {since: 2026-11-22, remove_after: 2027-02-01, use: user_orders, reason: cancelled orders count}
  ...
---
feature_service:
  name: churn
  features: [user_orders_v1.orders_7d]    # as before, under the same column; until its owner moves on
```

`fpc new version user_orders` writes all of this, from the view as it was committed. fpc knows the old version by its
meaning, whatever it is named. Or name the owner of the service under `agreed_by` of
the view's `changes`.
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.VERSION_NOT_KEPT, __doc__)
