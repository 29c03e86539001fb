"""A name is not as the repository's rules want it.

## What it does

Warns of a name that the regular expression for its kind does not match from end to end: `rules.names` of fpc.yml has
patterns for `source`, `entity`, `feature_view`, `feature`, `feature_service` and `training_set`.

## Why

People find a feature by its name, and so do their scripts. A repository that agreed on names can have them kept.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:web"}
rules: {names: {entity: ".*_entity", feature: "[a-z_]+_[0-9]+[smhdw]"}}
```

## Use instead

```yaml
entity:
  name: visitor_entity
  keys: {visitor_id: bigint}
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:web"}
rules: {names: {entity: ".*_entity", feature: "[a-z_]+_[0-9]+[smhdw]"}}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    if spec.config is None or not spec.config.rules.names:
        return
    patterns = {kind.value: re.compile(pattern.value) for kind, pattern in spec.config.rules.names}
    for kind, name, span in _named(spec, model):
        pattern = patterns.get(kind)
        if pattern is not None and not pattern.fullmatch(name):
            findings.warning(
                codes.NAME_PATTERN,
                f"the name `{name}` is not as this repository's rules want it",
                span,
                f"does not match `{pattern.pattern}`",
                help="rename it, or change `rules.names` in fpc.yml",
            )


def _named(spec: Spec, model: Model) -> Iterator[tuple[str, str, Span]]:
    yield from (("source", one.name.value, one.name.span) for one in spec.sources)
    yield from (("entity", one.name.value, one.name.span) for one in spec.entities)
    yield from (("feature_view", one.name.value, one.name.span) for one in spec.views)
    yield from (("feature_service", one.name.value, one.name.span) for one in spec.services)
    yield from (("training_set", one.name.value, one.name.span) for one in spec.training_sets)
    for view in model.views.values():
        yield from (("feature", output.name, output.span) for output in view.outputs)


RULE = Rule(codes.NAME_PATTERN, __doc__, _check, Reach.DOCUMENT)
