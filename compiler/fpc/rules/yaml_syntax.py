"""The file is not valid YAML.

## What it does

Reports the place at which a file stops being YAML.

## Why

A file that cannot be read as YAML declares nothing, so everything that refers to it would be reported as missing.

## Example

```yaml
source:
  name: orders
   path: data/orders.parquet
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.YAML_SYNTAX, __doc__)
