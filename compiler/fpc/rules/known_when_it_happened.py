"""The known time is the event time itself.

## What it does

Warns of a source whose `known_time` is its `event_time`.

## Why

It says that each row was known the moment it happened, which is what leaving `known_time` out says. Written down,
it looks as if somebody had checked.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visit_id: bigint, user_id: bigint, visited_at: timestamptz}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    for source in spec.sources:
        event, known = source.event_time, source.known_time
        if event is not None and known is not None and event.column.value == known.column.value:
            findings.warning(
                codes.KNOWN_WHEN_IT_HAPPENED,
                f"the known time of the source `{source.name.value}` is its event time",
                known.column.span,
                "the column of `event_time`",
                help="name the column that holds when a row was loaded, or leave `known_time` out",
            )


RULE = Rule(codes.KNOWN_WHEN_IT_HAPPENED, __doc__, _check, Reach.DOCUMENT)
