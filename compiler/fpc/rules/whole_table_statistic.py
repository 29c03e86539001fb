"""A dbt model computes with rows that may come later.

## What it does

Finds, in the SQL of a dbt model that a source reads, a value over rows that may come after its own: a window without
an order, against time or past the current row, an aggregate or scalar query over a whole table, a group that is dated
before it is complete, a LIMIT.

## Why

An amount divided by the mean of all amounts is divided by next year's amounts too. A day's total that bears the day's
beginning is known a day too early.

## Example

```sql
select order_id, user_id, ordered_at, amount / avg(amount) over () as relative_amount
from shop.orders
```

## Use instead

```sql
select order_id, user_id, ordered_at,
    amount / avg(amount) over (order by ordered_at) as relative_amount
from shop.orders
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.WHOLE_TABLE_STATISTIC, __doc__)
