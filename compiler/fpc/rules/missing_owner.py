"""Nobody answers for a source, entity, view or service.

## What it does

Warns of a source, entity, feature view or service without an `owner`, when neither its folder (`folders` of fpc.yml)
nor `defaults` names one. A repository that insists says `rules: {severity: {FPC0230: error}}`.

## Why

When it breaks at night, somebody has to know whom to ask.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site.
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site.
  owner: team:web
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
    ]
    for kind, name, owner in owned:
        if owner is None and not (folders and spec.defaults_of(name.span.path).owner):
            findings.warning(
                codes.MISSING_OWNER,
                f"the {kind} `{name.value}` has no owner",
                name.span,
                "nobody answers for it",
                help="add `owner: team:NAME`, or one for many under `folders` or `defaults` in fpc.yml",
            )


RULE = Rule(codes.MISSING_OWNER, __doc__, _check, Reach.DOCUMENT)
