"""A view is used after the date at which it was to go.

## What it does

Reports a service, or a source that reads the view's own table, that uses a deprecated view whose `remove_after` has
passed. Until that day it is a warning (FPC0705). The day is that of the default target's frozen clock, else today's
in UTC; `fpc check --today DATE` and the variable `FPC_TODAY` say another.

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

from fpc.contract.today import today
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.frozen_day import frozen_day
from fpc.model.lineage import copied_view
from fpc.model.nodes import FeatureView, Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec, Text


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    gone = _gone(model)
    if not gone:
        return
    for service in spec.services:
        seen: set[str] = set()
        for text in service.features:
            view = gone.get(text.value.partition(".")[0])
            if view is not None and view.name not in seen:
                seen.add(view.name)
                _report(view, f"service `{service.name.value}`", text, findings)
    names = {source.name.value: source.name for source in spec.sources}
    for resolved in model.sources.values():
        copied = copied_view(resolved, model)
        if copied is not None and copied.name in gone and resolved.name in names:
            _report(copied, f"source `{resolved.name}`", names[resolved.name], findings)


def _gone(model: Model) -> dict[str, FeatureView]:
    dated = [view for view in model.views.values() if view.deprecated is not None and view.deprecated.remove_after]
    if not dated:
        return {}
    now = today(frozen_day(model))
    return {view.name: view for view in dated if view.deprecated and (view.deprecated.remove_after or now) < now}


def _report(view: FeatureView, reader: str, place: Text, findings: Findings) -> None:
    assert view.deprecated is not None
    use = view.deprecated.use
    findings.error(
        codes.PAST_REMOVAL,
        f"{reader} reads view `{view.name}`, which was to go after {view.deprecated.remove_after}",
        place.span,
        "its time has passed",
        notes=(f"deprecated since {view.deprecated.since}: {view.deprecated.reason}",)
        if view.deprecated.reason
        else (),
        help="move to what replaces it, or agree on a later `remove_after`" if use is None else f"read `{use}` instead",
    )


RULE = Rule(codes.PAST_REMOVAL, __doc__, _check, Reach.DOCUMENT)
