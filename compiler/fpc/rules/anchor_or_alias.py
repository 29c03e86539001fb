"""Anchors and aliases are not part of the spec language.

## What it does

Refuses YAML anchors (`&name`), aliases (`*name`) and merge keys (`<<`).

## Why

They let a line far away change what a feature means, and a few of them can expand to gigabytes. What many views
share stands in `defaults` of fpc.yml.

## Example

```yaml
entity:
  name: &who visitor
  description: *who
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

RULE = Rule(codes.ANCHOR_OR_ALIAS, __doc__)
