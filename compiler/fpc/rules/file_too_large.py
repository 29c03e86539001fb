"""The file is larger than 256 KB.

## What it does

Reports a spec file of more than 256 KB.

## Why

Specs are written by hand, one view a file. A larger file is mostly data that was put into `features/` by mistake.

## Example

```text
features/orders.yml   400 KB
```

## Use instead

```text
features/user_orders.yml   3 KB
features/user_visits.yml   2 KB
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.FILE_TOO_LARGE, __doc__)
