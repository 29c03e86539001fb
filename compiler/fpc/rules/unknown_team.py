"""An owner has no team behind it for CODEOWNERS.

## What it does

Warns of a source, entity, feature view, service or training set whose owner is not among `codeowners.teams` of
fpc.yml, where there is such a list.

## Why

`fpc compile` writes CODEOWNERS from it, so that a change is reviewed by whoever answers for it. A file whose owner
has no team there is reviewed by nobody in particular.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site.
  owner: team:web
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
codeowners: {teams: {"team:growth": "@acme/growth"}}
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site.
  owner: team:web
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
codeowners: {teams: {"team:growth": "@acme/growth", "team:web": ["@acme/web", "@jane"]}}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec, Text


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    if spec.config is None or spec.config.codeowners is None:
        return
    teams = {owner.value for owner, members in spec.config.codeowners.teams if members}
    owned: list[tuple[Text, Text | None]] = [
        *((one.name, one.owner) for one in spec.sources),
        *((one.name, one.owner) for one in spec.entities),
        *((one.name, one.owner) for one in spec.views),
        *((one.name, one.owner) for one in spec.services),
        *((one.name, one.owner) for one in spec.training_sets),
    ]
    for name, own in owned:
        owner = own or spec.defaults_of(name.span.path).owner
        if owner is not None and owner.value not in teams:
            findings.warning(
                codes.UNKNOWN_TEAM,
                f"the owner `{owner.value[:60]}` has no team in `codeowners`",
                (own or name).span,
                "nobody is asked to review its changes",
                help=did_you_mean(owner.value, teams) or "add it under `codeowners.teams` in fpc.yml",
            )


RULE = Rule(codes.UNKNOWN_TEAM, __doc__, _check, Reach.DOCUMENT)
