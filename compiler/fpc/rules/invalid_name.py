"""A name is not lower-case letters, digits and underscores.

## What it does

Reports a name that is not lower-case letters, digits and underscores, begins with another character than a letter,
or is longer than 63 characters.

## Why

Names become table and column names on every engine, keys in the store and parts of file names. This subset is safe
and the same everywhere.

## Example

```yaml
entity:
  name: User Account
  keys: {visitor_id: bigint}
```

## Use instead

```yaml
entity:
  name: user_account
  keys: {visitor_id: bigint}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.INVALID_NAME, __doc__)
