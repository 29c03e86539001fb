"""A feature reads what its model is to predict.

## What it does

Warns of a training set whose service has a feature that reads the label's own column, from a source without a
`known_time`.

## Why

An event's own label is never in its window. But earlier events' labels are, from the instant at which the events
happened, although outcomes mostly become known later. The model then trains on what nobody knew yet. With a
`known_time`, each outcome counts from when it was known.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  columns: {visited_at: timestamptz, user_id: bigint, bought: boolean, settled_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: bought_30d, sql: COUNT(*) FILTER (WHERE bought), window: 30d}
---
feature_service:
  name: churn
  features: [user_visits.bought_30d]
---
training_set:
  name: churn_training
  service: churn
  spine: {path: data/visits.parquet, time: visited_at, label: [bought]}
```

## Use instead

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: settled_at
  columns: {visited_at: timestamptz, user_id: bigint, bought: boolean, settled_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: bought_30d, sql: COUNT(*) FILTER (WHERE bought), window: 30d}
---
feature_service:
  name: churn
  features: [user_visits.bought_30d]
---
training_set:
  name: churn_training
  service: churn
  spine: {path: data/visits.parquet, time: visited_at, label: [bought]}
```
"""

from __future__ import annotations

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Feature, Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    for training_set in model.training_sets.values():
        for reference in training_set.service.features:
            view = model.views.get(reference.view)
            if view is None or view.source.known_time is not None:
                continue
            for feature in view.features:
                labels = _columns(feature).intersection(training_set.spine.labels)
                if feature.name == reference.feature and labels:
                    findings.warning(
                        codes.LABEL_AS_FEATURE,
                        f"`{view.name}.{feature.name}` reads `{min(labels)}`, the label of `{training_set.name}`",
                        feature.span,
                        "earlier labels count from when their events happened",
                        help=f"declare when a label is known as `known_time` of the source `{view.source.name}`",
                    )


def _columns(feature: Feature) -> set[str]:
    read = [part for call in feature.aggregates for part in (*call.arguments, call.filter) if part is not None]
    return {column.name for part in read for column in part.find_all(exp.Column)}


RULE = Rule(codes.LABEL_AS_FEATURE, __doc__, _check, Reach.DOCUMENT)
