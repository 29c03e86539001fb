"""A dbt model reads the clock.

## What it does

Finds `now()`, `current_date` and their like in the SQL of a dbt model that a source reads, and dbt's
`run_started_at`.

## Why

What is computed with the clock has another value in each run. At an earlier instant it says what was true today.

## Example

```sql
select user_id, joined_at, date_diff('day', joined_at, current_date) as age_days
from shop.users
```

## Use instead

```sql
select user_id, joined_at
from shop.users
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UPSTREAM_CLOCK, __doc__)
