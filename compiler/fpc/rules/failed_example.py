"""An example has another answer than it expects.

## What it does

Reports an example whose answer, computed by `fpc test`, is another than the one that it expects.

## Why

Either the feature or its author's idea of it is wrong. The examples are where people agree on what a value means
before a model depends on it.

## Example

```text
expect:
  - {user_id: 7, orders_7d: 2}     # one of the two orders was cancelled
```

## Use instead

```text
expect:
  - {user_id: 7, orders_7d: 1}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.FAILED_EXAMPLE, __doc__)
