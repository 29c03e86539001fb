"""There is no fpc.yml.

## What it does

Reports a folder that has no `fpc.yml`.

## Why

`fpc.yml` marks the root of a feature repository, and names its targets. Without it fpc does not know where paths
begin.

## Example

```text
$ fpc check --repo somewhere/else
```

## Use instead

```text
$ fpc init my_features
$ fpc check --repo my_features
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.NO_REPOSITORY, __doc__)
