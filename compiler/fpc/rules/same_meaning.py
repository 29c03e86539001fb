"""Two features have one meaning under two names.

## What it does

Warns of two features of one entity that have the same meaning, whatever their names and however their SQL is
spelled. Features of deprecated views are left out.

## Why

Both are computed, stored and watched, and models come to depend on either. Meaning is compared by fingerprint:
expression, types, window, filters, source and boundary rule.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(*)", window: 7d}
    - {name: weekly_orders, sql: "count( * )", window: 7d}
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
    - {name: monthly_orders, sql: "COUNT(*)", window: 30d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Feature, FeatureView, Model
from fpc.rules.rule import Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    first: dict[object, tuple[FeatureView, Feature]] = {}
    for view in model.views.values():
        if view.deprecated is not None:
            continue
        for feature in view.features:
            meaning = (feature.fingerprint, view.entity.name, view.key_columns, str(feature.default))
            twin_view, twin = first.setdefault(meaning, (view, feature))
            if twin is not feature:
                findings.warning(
                    codes.SAME_MEANING,
                    f"`{view.name}.{feature.name}` means the same as `{twin_view.name}.{twin.name}`",
                    feature.span,
                    "computed and stored twice",
                    notes=(f"the first is at {twin.span}",),
                    help="use one of them, or deprecate one",
                )


RULE = Rule(codes.SAME_MEANING, __doc__, _check)
