"""A dbt model joins rows that may be of later.

## What it does

Finds, in the SQL of a dbt model that a source reads, a relation whose rows nothing holds to be known by the time
that the source gives the joined row: no condition compares one of its times with one of the row's own. In a LEFT JOIN
that time must be compared in the condition, since a match that comes later changes the row.

## Why

Joined by its key alone, a table of customers lends an order of last year today's segment.

## Example

```sql
select o.order_id, o.user_id, o.ordered_at, c.segment
from shop.orders as o
join shop.customers as c on c.user_id = o.user_id
```

## Use instead

```sql
select o.order_id, o.user_id, o.ordered_at, c.segment
from shop.orders as o
asof join shop.customer_changes as c on c.user_id = o.user_id and c.changed_at <= o.ordered_at
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.JOIN_WITHOUT_AS_OF, __doc__)
