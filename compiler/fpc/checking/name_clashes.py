"""Two things that would need one dbt model's name; dbt has one space of names for all kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.emit.dbt.names import dbt_models
from fpc.model.nodes import Model
from fpc.rules.rule import Fact, Survey
from fpc.spec.documents import Spec

NAME: Final = "dbt models"
_ORDER: Final = ("the project's own", "source", "feature view", "training set")


def _gather(spec: Spec, model: Model) -> Iterator[tuple[str, Fact]]:
    for name, kind, span in dbt_models(model):
        rank = next((rank for rank, word in enumerate(_ORDER) if kind.startswith(word)), len(_ORDER))
        place = (span.line, span.column, span.end_line, span.end_column)
        yield span.path, (rank, kind, name, span.path, *place)


def _judge(facts: Sequence[Fact], findings: Findings) -> None:
    first: dict[object, object] = {}
    for _, kind, name, path, line, column, end_line, end_column in facts:
        if first.setdefault(name, kind) != kind:
            findings.error(
                codes.DUPLICATE_NAME,
                f"the dbt model of {kind} has the name of another: `{name}`",
                Span(str(path), int(line), int(column), int(end_line), int(end_column)),
                f"`{name}` is the dbt model of {first[name]} too",
                help="rename one of the two",
            )


SURVEY: Final = Survey(_gather, _judge)
