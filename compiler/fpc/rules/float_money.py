"""Money is summed in floating point.

## What it does

Warns when a column of type `real` or `double` whose name says that it is money (`amount`, `price`, `cost`,
`revenue`, ...) is summed or averaged.

## Why

Floating point holds no cents: 0.1 + 0.2 is not 0.3, and a sum depends on the order of its additions. Declared as
`decimal(p,s)`, sums are exact and the same on every path.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz, cost: double}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: cost_7d, sql: SUM(cost), window: 7d}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz, cost: "decimal(12,2)"}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: cost_7d, sql: SUM(cost), window: 7d}
```
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import AggregateCall, FeatureView, Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec

_MONEY: Final = re.compile(
    r"(^|_)(amount|balance|budget|charge|cost|discount|fare|fee|income|payment|price|revenue|salary|spend|spent|tip)s?($|_)"
)
_ADDING: Final = frozenset({"sum", "avg"})


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    for view in model.views.values():
        for feature in view.features:
            for column in sorted({name for call in feature.aggregates for name in _float_money(call, view)}):
                findings.warning(
                    codes.FLOAT_MONEY,
                    f"`{view.name}.{feature.name}` adds money in floating point",
                    feature.span,
                    f"`{column}` is not a decimal",
                    help=f"declare `{column}` of the source `{view.source.name}` as a decimal, such as decimal(12,2)",
                )


def _float_money(call: AggregateCall, view: FeatureView) -> list[str]:
    if call.function not in _ADDING:
        return []
    types = {column.name: column.type for column in view.source.columns}
    names = [column.name for argument in call.arguments for column in argument.find_all(exp.Column)]
    return [name for name in names if _MONEY.search(name) and name in types and types[name].is_float]


RULE = Rule(codes.FLOAT_MONEY, __doc__, _check, Reach.DOCUMENT)
