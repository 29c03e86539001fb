"""A source, entity or view does not say what it is.

## What it does

Warns of a source, entity or feature view without a `description`.

## Why

The description is what colleagues find when they look for a feature before they write it again. dbt's documentation
shows it as well.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  owner: team:web
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
    described: list[tuple[str, Text, Text | None]] = [
        *(("source", source.name, source.description) for source in spec.sources),
        *(("entity", entity.name, entity.description) for entity in spec.entities),
        *(("feature view", view.name, view.description) for view in spec.views),
    ]
    for kind, name, description in described:
        if description is None:
            findings.warning(
                codes.MISSING_DESCRIPTION,
                f"the {kind} `{name.value}` has no description",
                name.span,
                "what is it?",
                help="add `description:` with one sentence that a colleague would search for",
            )


RULE = Rule(codes.MISSING_DESCRIPTION, __doc__, _check, Reach.DOCUMENT)
