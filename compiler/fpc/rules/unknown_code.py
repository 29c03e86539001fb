"""A severity is given for a code that does not exist.

## What it does

Reports a key of `rules.severity` in fpc.yml that is no diagnostic's code.

## Why

A rule that was to be an error would silently stay a warning.

## Example

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
rules: {severity: {FPC9999: error}}
```

## Use instead

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
rules: {severity: {FPC0230: error, FPC0229: "off"}}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNKNOWN_CODE, __doc__)
