"""A severity is given for a code that does not exist.

## What it does

Reports a key of `rules.severity` in fpc.yml that is no diagnostic's code.

## Why

A rule that was to be an error would silently stay a warning.

## Example

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
rules: {severity: {FPC9999: error}}
```

## Use instead

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
rules: {severity: {FPC0231: error, FPC0229: "off"}}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.rule import Fact, Rule, Survey
from fpc.spec.documents import Spec


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    """What fpc.yml says of codes that do exist: whoever judges all facts grades what they come to by it."""
    if spec.config is not None:
        yield from ((spec.config.place.file.path, (code, word)) for code, word in spec.severities().items())


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    """Nothing: reading fpc.yml finds the codes that do not exist."""


RULE = Rule(codes.UNKNOWN_CODE, __doc__, survey=Survey(_gather, _judge))
