"""A source or entity is read by no feature view.

## What it does

Warns of a source or an entity that no feature view uses.

## Why

It is checked, staged and documented for nobody, or the view that was to use it names another one by mistake.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: visits_7d, sql: COUNT(*), window: 7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    sources = {view.source.value for view in spec.views if view.source is not None}
    entities = {view.entity.value for view in spec.views if view.entity is not None}
    unused = [("source", source.name) for source in spec.sources if source.name.value not in sources]
    unused += [("entity", entity.name) for entity in spec.entities if entity.name.value not in entities]
    for kind, name in unused:
        findings.warning(
            codes.UNUSED_DECLARATION,
            f"no feature view uses the {kind} `{name.value}`",
            name.span,
            "declared here",
            help=f"`fpc new view NAME --{kind} {name.value} ...` begins a view of it; otherwise remove it",
        )


RULE = Rule(codes.UNUSED_DECLARATION, __doc__, _check)
