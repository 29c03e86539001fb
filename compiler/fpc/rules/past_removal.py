"""A view or feature is used after the date at which it was to go.

## What it does

Reports a service, a derived feature, or a source of a view's own table that uses a deprecated view or feature whose
`remove_after` has passed. Until that day it is a warning (FPC0705) for services. The day is that of the default
target's frozen clock, else today's in UTC; `fpc check --today DATE` and the variable `FPC_TODAY` say another.

## Why

The date was announced so that everybody could move in time; whoever keeps the view beyond it keeps it for the one who
did not. If more time is needed, move the date, and let the view's owner see that in a review.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  deprecated: {since: 2022-11-01, remove_after: 2023-02-01, use: user_orders_v2, reason: counts gift orders}
---
feature_view:
  name: user_orders_v2
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(order_id)", window: 7d}
---
feature_service:
  name: churn
  features: [user_orders.orders_7d]
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
  deprecated: {since: 2022-11-01, remove_after: 2023-02-01, use: user_orders_v2, reason: counts gift orders}
---
feature_view:
  name: user_orders_v2
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(order_id)", window: 7d}
---
feature_service:
  name: churn
  features: [user_orders_v2.orders_7d]
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.frozen_day import frozen_day
from fpc.model.nodes import Model
from fpc.model.removal_dates import dated, is_past, readings
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    frozen = frozen_day(model)
    gone = {name: each for name, each in dated(model).items() if is_past(each.until, frozen)}
    for name, reader, place in readings(spec, model, gone):
        kind, deprecated = "feature" if "." in name else "view", gone[name].deprecated
        findings.error(
            codes.PAST_REMOVAL,
            f"{reader} reads {kind} `{name}`, which was to go after {deprecated.remove_after}",
            place.span,
            "its time has passed",
            notes=(f"deprecated since {deprecated.since}: {deprecated.reason}",) if deprecated.reason else (),
            help="move to what replaces it, or agree on a later `remove_after`"
            if deprecated.use is None
            else f"read `{deprecated.use}` instead",
        )


RULE = Rule(codes.PAST_REMOVAL, __doc__, _check, Reach.DOCUMENT)
