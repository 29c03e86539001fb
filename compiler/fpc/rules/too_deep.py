"""The YAML is nested more than 32 levels deep.

## What it does

Reports YAML that is nested more than 32 levels deep.

## Why

No spec needs more than ten. Deep nesting is a mistake, or an attack on whoever reads the file.

## Example

```text
description: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
```

## Use instead

```text
description: plain text
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.TOO_DEEP, __doc__)
