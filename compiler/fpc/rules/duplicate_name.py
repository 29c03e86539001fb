"""Two things of one kind have the same name.

## What it does

Reports two things of one kind with the same name, upper and lower case being the same.

## Why

References would mean whichever was read last. Tables and keys of the store would be overwritten by each other.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
---
entity:
  name: visitor
  keys: {visitor_id: bigint}
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
---
entity:
  name: guest
  keys: {visitor_id: bigint}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.DUPLICATE_NAME, __doc__)
