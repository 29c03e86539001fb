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

from collections.abc import Iterator, Sequence
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.nodes import Model
from fpc.rules.rule import Fact, Rule, Survey
from fpc.spec.documents import Spec

_DECLARES: Final = "declares"
_USES: Final = "uses"


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    for kind, declared in (("source", spec.sources), ("entity", spec.entities)):
        for document in declared:
            span = document.name.span
            place = (span.line, span.column, span.end_line, span.end_column)
            yield span.path, (_DECLARES, kind, document.name.value, span.path, *place)
    for view in spec.views:
        for kind, used in (("source", view.source), ("entity", view.entity)):
            if used is not None:
                yield view.place.file.path, (_USES, kind, used.value)


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    used = {fact[1:] for fact in facts if fact[0] == _USES}
    for fact in facts:
        if fact[0] == _USES or fact[1:3] in used:
            continue
        _, kind, name, path, line, column, end_line, end_column = fact
        findings.warning(
            codes.UNUSED_DECLARATION,
            f"no feature view uses the {kind} `{name}`",
            Span(str(path), int(line), int(column), int(end_line), int(end_column)),
            "declared here",
            help=f"`fpc new view NAME --{kind} {name} ...` begins a view of it; otherwise remove it",
        )


RULE = Rule(codes.UNUSED_DECLARATION, __doc__, survey=Survey(_gather, _judge))
