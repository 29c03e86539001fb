"""The partition column cannot prune anything.

## What it does

Reports a `partition_by` whose column cannot be used to leave out partitions: not a date or timestamp, or text of an
unknown form.

## Why

Each refresh would read all of history without a word.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  partition_by: {column: ds, grain: day}
  columns: {visited_at: timestamptz, ds: boolean}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  partition_by: {column: ds, grain: day}
  columns: {visited_at: timestamptz, ds: date}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.PARTITION_COLUMN, __doc__)
