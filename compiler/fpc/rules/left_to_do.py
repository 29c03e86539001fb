"""Lines of a spec are still marked TODO.

## What it does

Warns once for each file, and names its lines: those on which a comment or a value begins with `TODO`, as in what
`fpc new` writes.

## Why

What a scaffold says in place of somebody is shown to colleagues who look for a feature, and its SQL is no more than a
guess. A repository that marks other things so turns the rule off: `rules: {severity: {FPC0406: "off"}}` in fpc.yml.

## Example

```yaml
feature_view:
  name: user_orders
  description: TODO say what it tells about whom
  entity: user
  source: orders
  freshness: 1h
  features:
    - name: orders_{window}    # TODO name what is counted or summed
      sql: COUNT(*)
      windows: [7d, 30d]
      description: Rows of orders in the window.
```

## Use instead

```yaml
feature_view:
  name: user_orders
  description: How often somebody orders.
  entity: user
  source: orders
  freshness: 1h
  features:
    - name: orders_{window}
      sql: COUNT(*)
      windows: [7d, 30d]
      description: Orders, whatever became of them.
```
"""

from __future__ import annotations

import re
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec

_MARK: Final = re.compile(r"""(?:\#|:[ \t]|^[ \t]*-[ \t])[ \t]*["']?(TODO)\b""", re.MULTILINE)
_MOST: Final = 8


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    places = [source.place for source in spec.sources]
    places += [entity.place for entity in spec.entities]
    places += [view.place for view in spec.views]
    places += [service.place for service in spec.services]
    places += [training_set.place for training_set in spec.training_sets]
    for file in {place.file.path: place.file for place in places}.values():
        marks = list(_MARK.finditer(file.text)) if "TODO" in file.text else []
        if not marks:
            continue
        lines = list(dict.fromkeys(file.position(mark.start(1))[0] for mark in marks))
        what = "line is" if len(lines) == 1 else "lines are"
        shown = ", ".join(map(str, lines[:_MOST])) + (" and more" if len(lines) > _MOST else "")
        findings.warning(
            codes.LEFT_TO_DO,
            f"{len(lines)} {what} still marked TODO in `{file.path}`: {shown}",
            file.span(*marks[0].span(1)),
            "to be filled in",
            help="write what the line should say, and take the mark out",
        )


RULE = Rule(codes.LEFT_TO_DO, __doc__, _check, Reach.DOCUMENT)
