"""A source has one row per entity, and not the instants of its changes.

## What it does

Warns of a feature that reads a column of a source whose rows are the entities themselves: its `unique_key` is the
entity's key, or it is called after the entity, and it has no `known_time`. `append_only: true` says that rows stay as
they were written.

## Why

A table of users has the city where each lives now. Read at an earlier instant it answers with today's city. With a
row for each change, and the instant from which it was known, it answers with the city of then.

## Example

```yaml
source:
  name: users
  path: data/users.parquet
  event_time: joined_at
  unique_key: user_id
  columns: {joined_at: timestamptz, user_id: bigint, city: varchar}
---
feature_view:
  name: user_users
  entity: user
  source: users
  freshness: 1h
  features:
    - {name: city, sql: "LAST(city)", window: lifetime}
```

## Use instead

```yaml
source:
  name: users
  path: data/users.parquet
  event_time: joined_at
  known_time: changed_at
  unique_key: user_id
  columns: {joined_at: timestamptz, changed_at: timestamptz, user_id: bigint, city: varchar}
---
feature_view:
  name: user_users
  entity: user
  source: users
  freshness: 1h
  features:
    - {name: city, sql: "LAST(city)", window: lifetime}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.DIMENSION_WITHOUT_AS_OF, __doc__)
