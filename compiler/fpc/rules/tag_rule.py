"""Tags are not as the repository's rules want them.

## What it does

Warns of a feature view without a tag for each pattern of `rules.required_tags`, and of a tag of a source, view or
feature that no pattern of `rules.allowed_tags` matches. `*` in a pattern stands for any text.

## Why

Tags carry what programs act upon: who may see a feature, what it costs, which domain it is of. A tag that was
misspelled is one that nobody acts upon.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  tags: [growth]
  features:
    - {name: orders_7d, sql: COUNT(*), window: 7d, tags: [pii]}
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:web"}
rules: {required_tags: ["domain:*"], allowed_tags: ["domain:*", "pii", "cost:high"]}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  tags: ["domain:growth"]
  features:
    - {name: orders_7d, sql: COUNT(*), window: 7d, tags: [pii]}
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:web"}
rules: {required_tags: ["domain:*"], allowed_tags: ["domain:*", "pii", "cost:high"]}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec, Text


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    if spec.config is None:
        return
    required = [pattern.value for pattern in spec.config.rules.required_tags]
    allowed = [pattern.value for pattern in spec.config.rules.allowed_tags]
    for view in spec.views if required else ():
        for pattern in required:
            if not any(fnmatchcase(tag.value, pattern) for tag in view.tags):
                findings.warning(
                    codes.TAG_RULE,
                    f"the feature view `{view.name.value}` has no tag `{pattern}`",
                    view.name.span,
                    "this repository's rules want one",
                    help=f"add `tags: [{pattern.replace('*', 'NAME')}]`",
                )
    for tag in _tags(spec) if allowed else ():
        if not any(fnmatchcase(tag.value, pattern) for pattern in allowed):
            findings.warning(
                codes.TAG_RULE,
                f"the tag `{tag.value[:60]}` is not one of this repository's",
                tag.span,
                f"not one of {', '.join(allowed)}",
                help=did_you_mean(tag.value, allowed)
                or "use one of these, or add it to `rules.allowed_tags` in fpc.yml",
            )


def _tags(spec: Spec) -> Iterator[Text]:
    for source in spec.sources:
        yield from source.tags
    for view in spec.views:
        yield from view.tags
        for feature in view.features:
            yield from feature.tags
        for derived in (*view.derived, *view.request_features):
            yield from derived.tags


RULE = Rule(codes.TAG_RULE, __doc__, _check, Reach.DOCUMENT)
