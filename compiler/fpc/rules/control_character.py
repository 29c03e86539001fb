"""The file holds a character that cannot be seen.

## What it does

Reports a control character in a spec file: escape sequences, NUL, backspace and their like.

## Why

What cannot be seen cannot be reviewed, and a terminal that prints it may do what it says. Nothing in a spec needs
one.

## Example

```text
description: "an escape byte (0x1b) stands in this text"
```

## Use instead

```text
description: plain text
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.CONTROL_CHARACTER, __doc__)
