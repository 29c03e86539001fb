"""What services read goes before its date.

## What it does

`fpc plan` reports that a deprecated view or feature is removed before the `remove_after` that it promised, while
services read it and their owners have not agreed.

## Why

The date is what the readers' owners plan with. A view that goes early takes a model's features away.

## Example

```text
-feature_view:
-  name: user_orders_v1
-  deprecated: {since: 2026-11-01, remove_after: 2027-02-01, use: user_orders}
```

## Use instead

```text
 feature_view:
   name: user_orders
   changes:
+    - {version: 2, reason: Nobody needs version 1 any more., agreed_by: [team:growth-ml]}
```

Or leave the view where it is until the date.
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.REMOVED_TOO_EARLY, __doc__)
