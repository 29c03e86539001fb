"""The file cannot be read, or is not UTF-8.

## What it does

Reports a spec file that cannot be opened, or whose bytes are not UTF-8.

## Why

Specs are text that people review. Bytes of another encoding would be shown, compared and quoted wrongly everywhere.

## Example

```text
features/orders.yml   saved by an editor as UTF-16 or Latin-1
```

## Use instead

```text
features/orders.yml   saved as UTF-8
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNREADABLE_FILE, __doc__)
