"""The sentences of a plan that its text and its Markdown share."""

from __future__ import annotations

from collections import Counter

from fpc.change.nodes import Bump, Change, Class, Difference, Impact, Kind, Plan
from fpc.cli.instants import shown
from fpc.cli.report import plural
from fpc.diagnostics.neutral import neutralise, spell
from fpc.effect.nodes import Cost, FeatureEffect, ViewEffect


def inert(text: str) -> str:
    """One line of text that acts on no terminal, and on no log even where it stands first behind some space.

    >>> inert("  ::error::stop")
    '  \\\\u{3a}:error::stop'
    """
    shown = neutralise(text)
    bare = shown.lstrip()
    return f"{shown[: len(shown) - len(bare)]}{spell(':')}{bare[1:]}" if bare.startswith("::") else shown


def summary(plan: Plan) -> str:
    """What changed in one line: `2 feature views changed, 1 service hit`."""
    if plan.is_empty:
        return "no changes"
    counted = Counter((change.kind, _done(change)) for change in plan.changes)
    words = ("changed", "added", "removed")
    parts = [
        f"{plural(counted[kind, word], kind.value)} {word}" for kind in Kind for word in words if counted[kind, word]
    ]
    services = {reader.service for impact in plan.impacts for reader in impact.readers}
    return ", ".join([*parts, *([f"{plural(len(services), 'service')} hit"] if services else [])])


def _done(change: Change) -> str:
    return next((kind.value for kind in (Class.ADDED, Class.REMOVED) if kind in change), "changed")


def aside(difference: Difference) -> tuple[str, str] | None:
    """What is told of a thing that has the same name before and after: words and its name; None of any other."""
    name = difference.after
    if name is None or name != difference.before:
        return None
    match difference.property:
        case "input" | "source":
            return f"its {difference.property} changed", name
        case _:
            return f"{difference.property} rewritten", name


def followers(change: Change, effect: ViewEffect | None) -> tuple[str, ...]:
    """The features of a view of which there is no more to tell than that they follow what changed of its rows."""
    moved = {each.name for each in effect.features if each.changed} if effect is not None else set[str]()
    found = (part for part in change.parts if part.classes == (Class.VALUE,) and not own(part, change))
    names = [part.name.partition(".")[2] for part in found]
    told = tuple(name for name in names if name not in moved)
    return told if len(told) > 1 else ()


def follow_words(effect: ViewEffect | None) -> str:
    """What is told of features that follow their view; none of their values changes where data were looked at."""
    looked = effect is not None and effect.compared
    return "value-changing by the above" + (", though no value changes here" if looked else "")


def own(part: Change, view: Change) -> tuple[Difference, ...]:
    """What differs of a feature beyond what is told of its view already, and can be shown."""
    by_rows = any(each in view.differences for one in view.parts for each in one.differences)
    passed = {"input"} if by_rows else set[str]()
    return tuple(
        each
        for each in part.differences
        # SQL of one text and another meaning differs by the types of its columns.
        if each not in view.differences
        and each.property not in passed
        and not (each.property == "sql" and each.before == each.after)
    )


def version_words(impact: Impact) -> str:
    """How it stands with the view's version; empty where there is nothing to say."""
    match impact.bump:
        case Bump.DUE if impact.readers:
            return f"version {impact.version_after}: a new one is due"
        case Bump.DUE:
            return f"version {impact.version_after}: no service reads what changed; a new one is good manners"
        case Bump.DONE:
            return f"version {impact.version_before} -> {impact.version_after}"
        case Bump.AGREED:
            return f"version {impact.version_after}: the owners of its readers agreed"
        case Bump.NOT_NEEDED:
            return ""


def effect_words(effect: ViewEffect) -> str:
    """What was looked at."""
    if effect.note:
        return f"not sampled: {effect.note}"
    if effect.compared < effect.entities:
        return f"sampled {effect.compared:,} of {effect.entities:,} entities at {shown(effect.at_us)}"
    return f"all {effect.compared:,} entities at {shown(effect.at_us)}"


def changed_words(feature: FeatureEffect, compared: int) -> str:
    """`12.5 % of values change`, and the nulls where they do."""
    share = feature.changed / compared if compared else 0.0
    text = f"{share:.1%} of values change" if feature.changed else "no value changes here"
    if feature.changed and share < 0.001:
        text = f"{plural(feature.changed, 'value')} of {compared:,} change"
    if feature.nulls_before != feature.nulls_after:
        text += f", nulls {_share(feature.nulls_before, compared)} -> {_share(feature.nulls_after, compared)}"
    return text


def number(value: float) -> str:
    """A number as short as it can be told: four digits."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def cost_words(cost: Cost) -> str:
    """What a backfill would take."""
    if cost.note:
        return f"nothing to backfill: {cost.note}"
    rows = "an unknown number of rows" if cost.rows is None else plural(cost.rows, "row")
    size = "" if cost.bytes is None else f" ({_bytes(cost.bytes)})"
    place = "its table" if cost.bytes is None else plural(cost.files, "file")
    return (
        f"backfill from {shown(cost.start_us)}: {plural(cost.partitions, 'monthly partition')}, "
        f"{plural(cost.points, 'point')}; reads {rows}{size} of {place}"
    )


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.1%}" if whole else "-"


def _bytes(count: int) -> str:
    size, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while size >= 1_000 and len(units) > 1:
        size, units = size / 1_000, units[1:]
    return f"{size:,.0f} {units[0]}" if size >= 10 or units[0] == "B" else f"{size:.1f} {units[0]}"
