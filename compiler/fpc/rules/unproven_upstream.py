"""A dbt model cannot be followed by the proof.

## What it does

Warns of SQL in a dbt model that a source reads which the proof does not know: templates other than `ref`, `source`
and `config`, functions outside of the spec language, recursive queries.

## Why

Nothing may be wrong with it, but nobody can tell. `immutable: [COLUMN]` on the source takes a column on trust.

## Example

```sql
select user_id, ordered_at, {{ score('amount') }} as score
from shop.orders
```

## Use instead

```sql
select user_id, ordered_at, least(amount / 100, 1) as score
from shop.orders
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.UNPROVEN_UPSTREAM, __doc__)
