"""A command comes with a later release.

## What it does

Answers a command of the spec language that a later release brings: `serve` or `stream`.

## Why

A script that calls one should fail clearly, and not with a suggestion of some other command.

## Example

```text
$ fpc serve
```

## Use instead

```text
$ fpc get churn user_id=7
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.COMMAND_NOT_BUILT, __doc__)
