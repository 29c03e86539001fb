"""fpc.yml names a folder that holds no specs.

## What it does

Warns of a path under `folders` in fpc.yml below which there is no spec.

## Why

Its owner was to be everybody's there; a folder that was renamed or misspelled leaves them without.

## Example

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
folders: {features/web: {owner: "team:web"}}
```

## Use instead

```yaml
entity:
  name: visitor
  keys: {visitor_id: bigint}
```

```yaml fpc.yml
name: shop
targets: {dev: {engine: duckdb}}
folders: {features: {owner: "team:web"}}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.nodes import Model
from fpc.rules.rule import Fact, Rule, Survey
from fpc.spec.documents import Spec

_FILE, _FOLDER = "file", "folder"


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    """The folders that fpc.yml names, and those that hold specs."""
    for folder in () if spec.config is None else spec.config.folders:
        span = folder.path.span
        place = (span.path, span.line, span.column, span.end_line, span.end_column)
        yield span.path, (_FOLDER, folder.path.value, *place)
    if spec.config is not None and spec.config.folders:
        for path in spec.files:
            yield path, (_FILE, path)


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    files = [str(fact[1]) for fact in facts if fact[0] == _FILE]
    for fact in facts:
        if fact[0] == _FOLDER:
            _, folder, path, line, column, end_line, end_column = fact
            if not any(file.startswith(f"{folder}/") for file in files):
                findings.warning(
                    codes.EMPTY_FOLDER,
                    f"there are no specs in `{folder}`",
                    Span(str(path), int(line), int(column), int(end_line), int(end_column)),
                    "its defaults are nobody's",
                    help="remove it, or write the path of a folder below the repository",
                )


RULE = Rule(codes.EMPTY_FOLDER, __doc__, survey=Survey(_gather, _judge))
