"""A version that services read comes to mean something else.

## What it does

`fpc plan` reports an edit that changes what features mean that a service reads, removes, renames or retypes them, while
the view's `version` stays as it was and the service's owner has not agreed.

## Why

A model was trained on the values that its features had. When they change under it, nothing fails and its answers get
worse. Whoever runs the model should have the choice of when that happens.

## Example

```text
 feature_view:
   name: user_orders
   version: 1
   features:
-    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
+    - {name: orders_7d, sql: "COUNT(*) FILTER (WHERE status = 'completed')", window: 7d}
```

## Use instead

```text
   version: 2
   changes:
+    - {version: 2, reason: Cancelled orders no longer count., agreed_by: [team:growth-ml]}
```

Where an owner does not agree, `fpc new version user_orders` raises the version and keeps the old one beside it: see
`fpc explain FPC0641`.
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNAGREED_CHANGE, __doc__)
