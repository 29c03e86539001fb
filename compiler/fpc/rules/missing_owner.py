"""Nobody answers for a source, entity, view, service or training set.

## What it does

Reports a source, entity, feature view, feature service or training set without an `owner`, when neither its folder
(`folders` of fpc.yml) nor `defaults` names one. A repository that does not insist says
`rules: {severity: {FPC0230: warning}}`, or `"off"`.

## Why

When it breaks at night, somebody has to know whom to ask.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site.
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site.
  owner: team:web
```

Or once for everything in a folder, which is how most repositories do it:

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:platform"}
folders:
  features/web: {owner: "team:web"}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec, Text


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    if spec.config is None or spec.config.defaults.owner is not None:
        return
    folders = bool(spec.config.folders)
    owned: list[tuple[str, Text, Text | None]] = [
        *(("source", source.name, source.owner) for source in spec.sources),
        *(("entity", entity.name, entity.owner) for entity in spec.entities),
        *(("feature view", view.name, view.owner) for view in spec.views),
        *(("feature service", service.name, service.owner) for service in spec.services),
        *(("training set", training_set.name, training_set.owner) for training_set in spec.training_sets),
    ]
    for kind, name, owner in owned:
        if owner is None and not (folders and spec.defaults_of(name.span.path).owner):
            folder = name.span.path.rpartition("/")[0]
            findings.error(
                codes.MISSING_OWNER,
                f"the {kind} `{name.value}` has no owner",
                name.span,
                "nobody answers for it",
                help="add `owner: team:NAME` to it; or, for its whole folder, in fpc.yml "
                f'`folders: {{{folder}: {{owner: "team:NAME"}}}}`',
            )


RULE = Rule(codes.MISSING_OWNER, __doc__, _check, Reach.DOCUMENT)
