"""Invisible characters change the order of the text.

## What it does

Reports invisible characters that change the direction or order of the text around them, or have no width.

## Why

A reviewer sees another text than the one that runs.

## Example

```text
description: "U+202E stands before this text"
```

## Use instead

```text
description: plain text
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.HIDDEN_DIRECTION, __doc__)
