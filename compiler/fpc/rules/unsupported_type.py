"""A type is not one that features may have.

## What it does

Reports a type that is not one of the platform's, or a feature whose value has one that cannot be served.

## Why

A value must have the same type in the warehouse, in a training set and in the online store.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, place: geometry}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, place: varchar}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNSUPPORTED_TYPE, __doc__)
