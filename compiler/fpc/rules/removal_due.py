"""A view is past its date, and nobody uses it any more.

## What it does

Warns of a deprecated view whose `remove_after` has passed and that no service and no other view reads. By which day
that is judged says FPC0603.

## Why

It is computed and stored for nobody. After the specs are gone, `fpc prune` removes it from the online store.

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
```

## Use instead

```yaml
feature_view:
  name: user_orders_v2
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: "COUNT(order_id)", window: 7d}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fpc.contract.today import today
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.frozen_day import frozen_day
from fpc.model.lineage import copied_view
from fpc.model.nodes import Model
from fpc.rules.rule import Fact, Rule, Survey
from fpc.spec.documents import Spec

_READ, _VIEW = "read", "view"


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    """Which views are read, and which have a date, with the frozen clock by which to judge it."""
    for service in spec.services:
        for view in dict.fromkeys(text.value.partition(".")[0] for text in service.features):
            yield service.name.span.path, (_READ, view)
    for source in model.sources.values():
        copied = copied_view(source, model)
        if copied is not None:
            yield source.span.path, (_READ, copied.name)
    for each in model.views.values():
        if each.deprecated is not None and each.deprecated.remove_after is not None:
            span = each.span
            place = (span.path, span.line, span.column, span.end_line, span.end_column)
            yield span.path, (_VIEW, each.name, each.deprecated.remove_after, frozen_day(model), *place)


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    read = {fact[1] for fact in facts if fact[0] == _READ}
    for fact in facts:
        if fact[0] != _VIEW or fact[1] in read:
            continue
        _, name, remove_after, frozen, path, line, column, end_line, end_column = fact
        if str(remove_after) < today(str(frozen)):
            findings.warning(
                codes.REMOVAL_DUE,
                f"view `{name}` was to go after {remove_after}, and nobody reads it",
                Span(str(path), int(line), int(column), int(end_line), int(end_column)),
                "computed for nobody",
                help="remove its spec, compile, and `fpc prune`",
            )


RULE = Rule(codes.REMOVAL_DUE, __doc__, survey=Survey(_gather, _judge))
