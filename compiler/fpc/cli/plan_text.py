"""A plan as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fpc.change.nodes import Bump, Change, Class, Difference, Impact, Kind, Plan
from fpc.cli.report import plural
from fpc.diagnostics.neutral import neutralise

_SIGNS = {Class.ADDED: "+", Class.REMOVED: "-", Class.RENAMED: ">"}
_LONGEST = 160


def plan_text(plan: Plan) -> str:
    """The plan, a blank line between things; text of specs cannot act on the terminal."""
    if plan.is_empty:
        return "No changes: both states mean the same.\n"
    blocks = ("\n".join(_change(change, plan.impact(change.name))) for change in plan.changes)
    return "\n\n".join(blocks) + "\n"


def summary(plan: Plan) -> str:
    """What changed in one line: `2 feature views changed, 1 service hit`."""
    if plan.is_empty:
        return "no changes"
    counted = Counter(change.kind for change in plan.changes)
    parts = [f"{plural(counted[kind], kind.value)} changed" for kind in Kind if counted[kind]]
    services = {reader.service for impact in plan.impacts for reader in impact.readers}
    return ", ".join([*parts, *([f"{plural(len(services), 'service')} hit"] if services else [])])


def _change(change: Change, impact: Impact | None) -> Iterator[str]:
    yield f"{_sign(change)} {change.kind.value} {_name(change)}{_classes(change)}    {neutralise(str(change.span))}"
    for difference in change.differences:
        yield from _difference(difference, "    ")
    yield from _sql(change, "    ")
    for part in change.parts:
        yield f"    {_sign(part)} {_feature(part)}{_classes(part)}"
        for difference in part.differences:
            yield from _difference(difference, "        ")
        yield from _sql(part, "        ")
    if impact is not None and change.kind is Kind.VIEW:
        yield from _impact(impact)


def _sign(change: Change) -> str:
    return next((sign for kind, sign in _SIGNS.items() if kind in change), "~")


def _name(change: Change) -> str:
    return change.name if change.was is None else f"{change.was} -> {change.name}"


def _feature(change: Change) -> str:
    name = change.name.partition(".")[2]
    return f"{change.before_name.partition('.')[2]} -> {name}" if Class.RENAMED in change else name


def _classes(change: Change) -> str:
    shown = [kind.value for kind in change.classes]
    return f": {', '.join(shown)}" if shown else ""


def _difference(difference: Difference, indent: str) -> Iterator[str]:
    name = difference.property
    if name == "sql":
        return
    if name == "input":
        yield f"{indent}its input {neutralise(difference.after or '')} changed"
    elif difference.before is None:
        yield f"{indent}{name}: {_short(difference.after)} (new)"
    elif difference.after is None:
        yield f"{indent}{name}: {_short(difference.before)} (gone)"
    else:
        yield f"{indent}{name}: {_short(difference.before)} -> {_short(difference.after)}"


def _short(text: str | None) -> str:
    shown = neutralise(" ".join((text or "").split()))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def _sql(change: Change, indent: str) -> Iterator[str]:
    for line in change.sql:
        yield f"{indent}  {neutralise(line)}".rstrip()


def _impact(impact: Impact) -> Iterator[str]:
    for reader in impact.readers:
        model = f", model {reader.model}" if reader.model else ""
        owner = f", {reader.owner}" if reader.owner else ""
        yield neutralise(f"    hits service {reader.service}{model}{owner}: {', '.join(reader.features)}")
    if impact.training_sets:
        yield f"    hits training sets: {', '.join(impact.training_sets)}"
    if impact.downstream:
        yield f"    hits views downstream: {', '.join(impact.downstream)}"
    match impact.bump:
        case Bump.DUE:
            yield f"    version: {impact.version_after}; a new version is due"
        case Bump.DONE:
            yield f"    version: {impact.version_before} -> {impact.version_after}"
        case Bump.AGREED:
            yield f"    version: {impact.version_after}; its readers' owners agreed"
        case Bump.NOT_NEEDED:
            pass
