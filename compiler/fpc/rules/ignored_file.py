"""A file looks like a spec but is not read.

## What it does

Warns of a file below `features/` whose ending makes it look like a spec, but which is not read (`.yaml` instead of
`.yml`).

## Why

Its author believes that it counts.

## Example

```text
features/user_orders.yaml
```

## Use instead

```text
features/user_orders.yml
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.IGNORED_FILE, __doc__)
