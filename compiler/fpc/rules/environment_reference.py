"""The environment is read outside of fpc.yml.

## What it does

Reports `${NAME}` outside of fpc.yml.

## Why

Secrets and addresses come from the environment in fpc.yml alone, so that specs mean the same on every machine and
hold no secret.

## Example

```yaml
source:
  name: visits
  path: "${DATA}/visits.parquet"
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

RULE = Rule(codes.ENVIRONMENT_REFERENCE, __doc__)
