"""Tags are not part of the spec language.

## What it does

Refuses YAML tags such as `!!python/name:os.system` or `!secret`.

## Why

A tag asks the reader to build something other than text, numbers, lists and mappings. Specs are data only.

## Example

```yaml
entity:
  name: visitor
  description: !env HOME
  keys: {visitor_id: bigint}
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.TAG, __doc__)
