"""A description says less than the repository's rules want.

## What it does

Warns of a description with fewer characters than `rules.least_description` of fpc.yml, of a source, entity, feature
view or service; and, with `rules.describe_features`, of a feature without any.

## Why

`Orders.` tells nobody which orders. How much is enough is for a repository to say.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Visitors.
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:web"}
rules: {least_description: 20, describe_features: true}
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
  description: Somebody who looks at the site, known by a cookie.
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:web"}
rules: {least_description: 20, describe_features: true}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec, Text


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    if spec.config is None:
        return
    wanted = spec.config.rules
    if wanted.least_description is not None:
        least = wanted.least_description.value
        described: list[tuple[str, Text, Text | None]] = [
            *(("source", source.name, source.description) for source in spec.sources),
            *(("entity", entity.name, entity.description) for entity in spec.entities),
            *(("feature view", view.name, view.description) for view in spec.views),
            *(("feature service", service.name, service.description) for service in spec.services),
        ]
        for kind, name, text in described:
            length = 0 if text is None else len(text.value.strip())
            if text is not None and length < least:
                findings.warning(
                    codes.SHORT_DESCRIPTION,
                    f"the description of the {kind} `{name.value}` is short",
                    text.span,
                    f"{length} characters, where this repository's rules want {least}",
                    help="say what a colleague who looks for it would want to know",
                )
    if wanted.describe_features is not None and wanted.describe_features.value:
        for view in model.views.values():
            for output in view.outputs:
                if not output.description:
                    findings.warning(
                        codes.SHORT_DESCRIPTION,
                        f"the feature `{view.name}.{output.name}` has no description",
                        output.span,
                        "this repository's rules want one",
                        help="add `description:` with one sentence that a colleague would search for",
                    )


RULE = Rule(codes.SHORT_DESCRIPTION, __doc__, _check, Reach.DOCUMENT)
