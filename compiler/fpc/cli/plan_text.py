"""A plan as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from fpc.change.nodes import Change, Class, Difference, Impact, Kind, Plan
from fpc.cli.plan_words import (
    aside,
    changed_words,
    cost_words,
    effect_words,
    follow_words,
    followers,
    inert,
    number,
    own,
    version_words,
)
from fpc.cli.report import plural
from fpc.effect.nodes import Measured, ViewEffect

_SIGNS = {Class.ADDED: "+", Class.REMOVED: "-", Class.RENAMED: ">"}
_LONGEST = 160


def plan_text(plan: Plan, measured: Measured) -> str:
    """The plan, a blank line between things; text of specs cannot act on the terminal."""
    if plan.is_empty:
        return "No changes: both states mean the same.\n"
    blocks = ("\n".join(_change(change, plan.impact(change.name), measured)) for change in plan.changes)
    return "\n\n".join(blocks) + "\n"


def _change(change: Change, impact: Impact | None, measured: Measured) -> Iterator[str]:
    yield f"{_sign(change)} {change.kind.value} {_name(change)}{_classes(change)}    {inert(str(change.span))}"
    for difference in change.differences:
        yield from _difference(difference, "    ")
    yield from _sql(change, "    ")
    effect = measured.effects.get(change.name) if change.kind is Kind.VIEW else None
    follow = followers(change, effect)
    if follow:
        yield f"    ~ {plural(len(follow), 'feature')}: {follow_words(effect)}"
        yield from wrap(", ".join(follow), _LONGEST, initial_indent=" " * 8, subsequent_indent=" " * 8)
    for part in change.parts:
        if part.name.partition(".")[2] in follow:
            continue
        yield f"    {_sign(part)} {_feature(part)}{_classes(part)}"
        for difference in own(part, change):
            yield from _difference(difference, "        ")
        yield from _sql(part, "        ")
        yield from _effect(part, effect)
    if change.kind is not Kind.VIEW:
        return
    if impact is not None:
        yield from _impact(impact)
    if effect is not None:
        yield f"    {inert(effect_words(effect))}"
    if change.name in measured.costs:
        yield f"    {inert(cost_words(measured.costs[change.name]))}"


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
    if (told := aside(difference)) is not None:
        yield f"{indent}{told[0]}: {_short(told[1])}"
    elif difference.before is None:
        yield f"{indent}{name}: {_short(difference.after)} (new)"
    elif difference.after is None:
        yield f"{indent}{name}: {_short(difference.before)} (gone)"
    else:
        yield f"{indent}{name}: {_short(difference.before)} -> {_short(difference.after)}"


def _short(text: str | None) -> str:
    shown = inert(" ".join((text or "").split()))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def _sql(change: Change, indent: str) -> Iterator[str]:
    for line in change.sql:
        yield f"{indent}  {line[:1]}{inert(line[1:])}".rstrip()


def _impact(impact: Impact) -> Iterator[str]:
    for reader in impact.readers:
        model = f", model {reader.model}" if reader.model else ""
        owner = f", {reader.owner}" if reader.owner else ""
        yield inert(f"    hits service {reader.service}{model}{owner}: {', '.join(reader.features)}")
    if impact.training_sets:
        yield f"    hits training sets: {', '.join(impact.training_sets)}"
    if impact.downstream:
        yield f"    hits views downstream: {', '.join(impact.downstream)}"
    if words := version_words(impact):
        yield f"    {words}"


def _effect(part: Change, effect: ViewEffect | None) -> Iterator[str]:
    name = part.name.partition(".")[2]
    feature = next((each for each in effect.features if each.name == name), None) if effect is not None else None
    if feature is None or effect is None:
        return
    yield f"        {changed_words(feature, effect.compared)}"
    if feature.changed and feature.quantiles_before is not None and feature.quantiles_after is not None:
        before, after = (" ".join(map(number, each)) for each in (feature.quantiles_before, feature.quantiles_after))
        yield f"        p5 p25 p50 p75 p95: {before} -> {after}"
    for row in feature.rows:
        yield f"        {_short(', '.join(row.keys))}: {_value(row.before)} -> {_value(row.after)}"


def _value(value: str | None) -> str:
    return "null" if value is None else _short(value) or "''"
