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

from collections.abc import Iterator, Sequence

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.nodes import Model
from fpc.rules.rule import Fact, Rule, Survey
from fpc.spec.documents import Spec


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    """What each feature of a view that is to stay means: who it is, its meaning, and where it stands."""
    for view in model.views.values():
        if view.deprecated is not None:
            continue
        where = " ".join((view.entity.name, *(f"{key}={column}" for key, column in view.key_columns)))
        for ordinal, feature in enumerate(view.features):
            meaning = f"{feature.fingerprint} {where} {feature.default}"
            span = feature.span
            place = (span.line, span.column, span.end_line, span.end_column)
            yield span.path, (view.name, ordinal, feature.name, meaning, span.path, *place)


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    first: dict[object, Fact] = {}
    for fact in facts:
        view, _, feature, meaning, path, line, column, end_line, end_column = fact
        twin = first.setdefault(meaning, fact)
        if twin is not fact:
            findings.warning(
                codes.SAME_MEANING,
                f"`{view}.{feature}` means the same as `{twin[0]}.{twin[2]}`",
                Span(str(path), int(line), int(column), int(end_line), int(end_column)),
                "computed and stored twice",
                notes=(f"the first is at {twin[4]}:{twin[5]}:{twin[6]}",),
                help="use one of them, or deprecate one",
            )


RULE = Rule(codes.SAME_MEANING, __doc__, survey=Survey(_gather, _judge))
