"""Resolving the `examples` of views."""

from __future__ import annotations

from collections.abc import Mapping

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import meant_or_known, nearest
from fpc.model.drafts import ViewDraft
from fpc.model.instants import parse_instant
from fpc.model.nodes import Example, Value
from fpc.model.values import MisfitError, typed_value
from fpc.spec.documents import ExampleSpec, RowSpec
from fpc.types.logical import LogicalType

Types = Mapping[str, LogicalType]


def resolve_examples(draft: ViewDraft, types: Types, declared: set[str], findings: Findings) -> tuple[Example, ...]:
    """The examples whose rows fit the source and the view's features."""
    given = {column.name: column.type for column in draft.source.columns}
    expected = {key.name: key.type for key in draft.entity.keys} | dict(types)
    broken = declared - set(types)
    found = (_resolve(spec, draft, given, expected, broken, findings) for spec in draft.spec.examples)
    return tuple(example for example in found if example is not None)


def _resolve(
    spec: ExampleSpec, draft: ViewDraft, given: Types, expected: Types, broken: set[str], findings: Findings
) -> Example | None:
    before = findings.count
    at = 0
    try:
        at = parse_instant(spec.at.value)
    except (ValueError, OverflowError) as error:
        findings.error(
            codes.INVALID_INSTANT,
            f"`{spec.at.value[:60]}` is not an instant",
            spec.at.span,
            str(error),
            help="write `2024-03-08`, or `2024-03-08T12:00:00Z`",
        )
    source = f"source `{draft.source.name}`"
    rows = [_row(row, given, source, "column", set(), findings) for row in spec.given]
    view = f"view `{draft.spec.name.value}`"
    answers = [_row(row, expected, view, "feature or key", broken, findings) for row in spec.expect]
    for answer, row, place in zip(answers, spec.expect, spec.expect_places, strict=True):
        misspelt = {nearest(column.value, expected) for column, _ in row if column.value not in expected}
        for key in draft.entity.keys:
            if answer.get(key.name) is None and key.name not in misspelt:
                findings.error(
                    codes.EXAMPLE_KEY,
                    f"an expected row does not say which `{key.name}` it is about",
                    place.span,
                    f"needs `{key.name}`",
                    help=f"write `{{{key.name}: ..., ...}}`: each expected row is about one {draft.entity.name}",
                )
    if findings.count > before:
        return None
    return Example(spec.name.value, at, tuple(rows), tuple(answers), spec.name.span)


def _row(row: RowSpec, types: Types, owner: str, noun: str, broken: set[str], findings: Findings) -> dict[str, Value]:
    """The row's values as their columns have them."""
    folded = {name.casefold(): name for name in types}
    found: dict[str, Value] = {}
    for column, value in row:
        name = folded.get(column.value.casefold())
        if name is None:
            if column.value not in broken:
                findings.error(
                    codes.UNKNOWN_EXAMPLE_COLUMN,
                    f"unknown {noun} `{column.value}` in {owner}",
                    column.span,
                    f"not a {noun} of this {owner.split(' ')[0]}",
                    help=meant_or_known(column.value, types),
                )
            continue
        try:
            found[name] = typed_value(value.value, value.text, types[name])
        except MisfitError as error:
            findings.error(
                codes.EXAMPLE_TYPE,
                f"`{value.text[:60]}` does not fit `{name}` of type {types[name]}",
                value.span,
                f"{types[name]} {error}",
            )
    return found
