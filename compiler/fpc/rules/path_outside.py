"""A path leaves the repository.

## What it does

Reports a path that is absolute or leaves the repository by `..`.

## Why

A repository is moved and cloned as one; a path outside of it is not there on the next machine, and may be a file
that specs should not reach.

## Example

```yaml
source:
  name: visits
  path: ../elsewhere/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.PATH_OUTSIDE, __doc__)
