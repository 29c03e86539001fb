"""A window is longer than the history that is kept.

## What it does

Warns of a window that reaches back before the view's `start`, even at the instant at which the default target's
clock is frozen (`as_of`).

## Why

The values would look like those of a full window and be those of a shorter one.

## Example

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  start: 2023-12-01
  features:
    - {name: orders_60d, sql: "COUNT(*)", window: 60d}
```

## Use instead

```yaml
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
  start: 2023-01-01
  features:
    - {name: orders_60d, sql: "COUNT(*)", window: 60d}
```
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec
from fpc.types.duration import Duration

_MICROSECONDS: Final = 1_000_000


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    target = model.config.targets.get(model.config.default_target)
    if target is None or target.as_of is None:
        return
    newest = int(datetime.fromisoformat(target.as_of).timestamp()) * _MICROSECONDS
    for view in model.views.values():
        if view.start is None:
            continue
        kept = newest - view.start
        for feature in view.features:
            window = feature.window
            if window.length is not None and window.length.microseconds + window.offset.microseconds > kept:
                findings.warning(
                    codes.HISTORY_TOO_SHORT,
                    f"the window of `{view.name}.{feature.name}` is longer than the history that is kept",
                    feature.span,
                    f"{window.length} back from {target.as_of} is before the view's start",
                    notes=(f"`start` leaves {Duration(max(0, kept))} of history",),
                    help="set `start` earlier, or make the window shorter",
                )


RULE = Rule(codes.HISTORY_TOO_SHORT, __doc__, _check, Reach.DOCUMENT)
