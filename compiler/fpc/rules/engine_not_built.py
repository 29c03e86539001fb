"""An engine is not built yet.

## What it does

Reports a target with an engine that this release cannot compile for.

## Why

SQL for another engine is written from a table of its differences, which does not exist yet for this one. DuckDB is
built.

## Example

```yaml fpc.yml
name: marketplace
targets:
  dev: {engine: spark, profile: cluster, online: embedded}
```

## Use instead

```yaml fpc.yml
name: marketplace
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.ENGINE_NOT_BUILT, __doc__)
