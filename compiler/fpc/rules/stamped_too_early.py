"""A dbt model dates rows before they were known.

## What it does

Finds a dbt model that a source reads and that gives its rows a time which may be before the row's own: cut down to
the hour or day, taken back by an interval, or made of something else.

## Why

An order of noon that bears midnight counts in the morning. The end of the day is a time by which it was known.

## Example

```sql
select order_id, user_id, amount, date_trunc('day', ordered_at) as ordered_on
from shop.orders
```

## Use instead

```sql
select order_id, user_id, amount, date_trunc('day', ordered_at) + interval 1 day as ordered_by
from shop.orders
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.STAMPED_TOO_EARLY, __doc__)
