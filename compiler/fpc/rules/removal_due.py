"""A view or feature is past its date, and nobody uses it any more.

## What it does

Warns of a deprecated view or feature whose `remove_after` has passed and that no service, derived feature or other view
reads. By which day that is judged says FPC0603.

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

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.frozen_day import frozen_day
from fpc.model.nodes import Model
from fpc.model.removal_dates import dated, is_past, readings
from fpc.rules.rule import Fact, Rule, Survey
from fpc.spec.documents import Spec

_READ, _DATED = "read", "dated"


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    """Which of what has a last day is read, and what has one, with the frozen clock by which to judge it."""
    found = dated(model)
    for name, _, place in readings(spec, model, found):
        yield place.span.path, (_READ, name)
    frozen = frozen_day(model)
    for name, _, until, span in found.values():
        place_of = (span.path, span.line, span.column, span.end_line, span.end_column)
        yield span.path, (_DATED, name, until, frozen, *place_of)


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    read = {fact[1] for fact in facts if fact[0] == _READ}
    for fact in facts:
        if fact[0] != _DATED or fact[1] in read:
            continue
        _, name, until, frozen, path, line, column, end_line, end_column = fact
        if is_past(str(until), str(frozen)):
            is_feature = "." in str(name)
            findings.warning(
                codes.REMOVAL_DUE,
                f"{'feature' if is_feature else 'view'} `{name}` was to go after {until}, and nobody reads it",
                Span(str(path), int(line), int(column), int(end_line), int(end_column)),
                "computed for nobody",
                help="remove it, and compile" if is_feature else "remove its spec, compile, and `fpc prune`",
            )


RULE = Rule(codes.REMOVAL_DUE, __doc__, survey=Survey(_gather, _judge))
