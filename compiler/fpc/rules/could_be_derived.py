"""A new feature could be had from features that are there.

## What it does

Warns of a feature that is not in the compiled registry yet, when features that are in it give the same values: another
window of an aggregate that another view keeps, a formula over features of the same view, an average from a sum and a
count, a window in the past as the difference of two. `fpc check` looks, and only at what is new.

## Why

A derived feature costs nothing: no state, no scan. `fpc registry duplicates` shows the same of features that are there.

## Example

```text
features:
  - {name: spent_7d, sql: SUM(amount), window: 7d}      # in the registry
  - {name: paid_7d, sql: COUNT(amount), window: 7d}     # in the registry
  - {name: mean_7d, sql: AVG(amount), window: 7d}       # new
```

## Use instead

```text
derived:
  - {name: mean_7d, sql: spent_7d / paid_7d}
```
"""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.rules.rule import Rule

RULE = Rule(codes.COULD_BE_DERIVED, __doc__)
