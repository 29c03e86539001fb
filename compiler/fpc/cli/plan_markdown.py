"""A plan as Markdown for a pull request: what matters most first, and never longer than GitHub takes.

Text of specs and data stands in code spans and code blocks alone, whose fences are longer than any run of backticks in
them: there it mentions nobody, links nowhere and is no HTML. No line begins with it, so that no log takes it for a
command either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from fpc.change.nodes import Change, Class, Difference, Kind, Plan
from fpc.cli.git_state import Commit
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
    summary,
    version_words,
)
from fpc.cli.report import plural
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.neutral import neutralise
from fpc.effect.nodes import Measured, ViewEffect

#: The first line, by which a later run finds the comment that it replaces.
MARKER: Final = "<!-- fpc plan -->"
#: GitHub takes so many characters; bytes of UTF-8 are counted here, which are never fewer.
LONGEST: Final = 65_536
_RESERVED: Final = 1_500
_MOST_TEXT: Final = 300
_MOST_LINES: Final = 60
_TICKS: Final = re.compile("`+")
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}
_SIGNS: Final = {Class.ADDED: "➕", Class.REMOVED: "➖", Class.RENAMED: "➡️"}


def plan_markdown(plan: Plan, commit: Commit, measured: Measured, *, keys: bool = False) -> str:
    """The plan, with what did not fit counted at its end. `keys` shows those of entities in example rows, too."""
    head = [MARKER, f"### fpc plan: {summary(plan)}", "", f"Against {code(commit.ref)} ({code(commit.short)}).", ""]
    text = "\n".join(head) + "\n"
    if plan.is_empty:
        return text + "Both states mean the same.\n"
    left_problems, left_rows, left = 0, 0, []
    for problem in plan.problems:
        block = _problem(problem)
        fits = _size(text) + _size(block) < LONGEST // 3
        text, left_problems = (text + block, left_problems) if fits else (text, left_problems + 1)
    ordered = sorted(plan.changes, key=lambda change: (change.gravest.gravity, _ORDER[change.kind], change.name))
    text += "\n| | what | changes | readers |\n|---|---|---|---|\n"
    for change in ordered:
        row = _row(change, plan)
        fits = _size(text) + _size(row) < LONGEST // 2
        text, left_rows = (text + row, left_rows) if fits else (text, left_rows + 1)
    text += "\n"
    for change in ordered:
        block = "\n".join(_details(change, plan, measured, keys)) + "\n"
        if _size(text) + _size(block) + _RESERVED > LONGEST:
            left.append(change)
        else:
            text += block
    return text + _left_out(left_problems, left_rows, left)


def code(text: str, *, in_table: bool = False) -> str:
    """A text as a code span: shown as it is, whatever it holds; a bar would end a table's cell even there.

    >>> code("a ` b @everyone")
    '`` a ` b @everyone ``'
    """
    shown = neutralise(text)
    shown = shown if len(shown) <= _MOST_TEXT else f"{shown[: _MOST_TEXT - 1]}…"
    if not shown.strip():
        return "(nothing)"
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    shown = shown.replace("|", "\\|") if in_table else shown
    pad = " " if longest or shown[0] == " " or shown[-1] == " " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))


def _problem(problem: Diagnostic) -> str:
    lines = [f"> **{problem.severity.value} {problem.code}** {code(problem.message)}"]
    lines += [f"> * {code(note)}" for note in problem.notes]
    if problem.help:
        lines.append(f"> * help: {code(problem.help)}")
    return "\n".join([*lines, "", ""])


def _row(change: Change, plan: Plan) -> str:
    impact = plan.impact(change.name) if change.kind is Kind.VIEW else None
    readers = "" if impact is None else ", ".join(code(reader.service, in_table=True) for reader in impact.readers[:5])
    if impact is not None and len(impact.readers) > 5:
        readers += f" and {len(impact.readers) - 5} more"
    return f"| {_sign(change)} | {change.kind.value} {_named(change)} | {_done(change)} | {readers} |\n"


def _sign(change: Change) -> str:
    return next((sign for kind, sign in _SIGNS.items() if kind in change), "✏️")


def _named(change: Change) -> str:
    return code(change.name) if change.was is None else f"{code(change.was)} → {code(change.name)}"


def _done(change: Change) -> str:
    told = [kind.value for kind in change.classes]
    for kind in Class:
        count = sum(kind in part for part in change.parts)
        if count:
            told.append(f"{plural(count, 'feature')} {kind.value}")
    return ", ".join(told)


def _details(change: Change, plan: Plan, measured: Measured, keys: bool) -> Iterator[str]:
    yield f"<details><summary>{_sign(change)} {change.kind.value} <code>{change.name}</code>: {_done(change)}</summary>"
    yield ""
    yield f"{code(str(change.span))}, owner {code(change.owner or 'nobody')}"
    yield ""
    yield from _differences(change, change.differences)
    effect, cost = measured.effects.get(change.name), measured.costs.get(change.name)
    follow = followers(change, effect)
    if follow:
        yield f"* **✏️ {plural(len(follow), 'feature')}** {follow_words(effect)}: {_listed(follow)}"
    for part in change.parts:
        if part.name.partition(".")[2] in follow:
            continue
        yield f"* **{_sign(part)} {_part_name(part)}** {_done(part)}{_effect_of(part, effect)}"
        yield from (f"  {line}" if line else "" for line in _differences(part, own(part, change)))
        yield from (f"  {line}" if line else "" for line in _examples(part, effect, keys))
    if change.kind is Kind.VIEW:
        yield from _touched(change, plan)
        if effect is not None:
            yield f"* {effect_words(effect)}" if not effect.note else f"* not sampled: {code(effect.note)}"
        if cost is not None:
            yield f"* nothing to backfill: {code(cost.note)}" if cost.note else f"* {cost_words(cost)}"
    yield "</details>"
    yield ""


def _part_name(part: Change) -> str:
    name = code(part.name.partition(".")[2])
    return f"{code(part.before_name.partition('.')[2])} → {name}" if Class.RENAMED in part else name


def _differences(change: Change, told: Iterable[Difference]) -> Iterator[str]:
    for each in told:
        if each.property == "sql":
            continue
        if (same := aside(each)) is not None:
            yield f"* {same[0]}: {code(same[1])}"
        elif each.before is None:
            yield f"* {code(each.property)}: {code(each.after or '')} (new)"
        elif each.after is None:
            yield f"* {code(each.property)}: {code(each.before)} (gone)"
        else:
            yield f"* {code(each.property)}: {code(each.before)} → {code(each.after)}"
    if change.sql:
        lines = [_line(line) for line in change.sql[:_MOST_LINES]]
        if len(change.sql) > _MOST_LINES:
            lines.append(f" ... {len(change.sql) - _MOST_LINES} more lines")
        longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
        fence = "`" * max(3, longest + 1)
        yield from ("", f"{fence}diff", *lines, fence, "")


def _line(text: str) -> str:
    shown = f"{text[:1]}{inert(text[1:])}"
    return shown if len(shown) <= _MOST_TEXT else f"{shown[: _MOST_TEXT - 1]}…"


def _effect_of(part: Change, effect: ViewEffect | None) -> str:
    name = part.name.partition(".")[2]
    for feature in effect.features if effect is not None else ():
        if feature.name == name and effect is not None:
            return f": {changed_words(feature, effect.compared)}"
    return ""


def _examples(part: Change, effect: ViewEffect | None, keys: bool) -> Iterator[str]:
    name = part.name.partition(".")[2]
    feature = next((each for each in effect.features if each.name == name), None) if effect is not None else None
    if feature is None:
        return
    if feature.quantiles_before is not None and feature.quantiles_after is not None:
        before, after = (" ".join(map(number, each)) for each in (feature.quantiles_before, feature.quantiles_after))
        yield f"* p5 p25 p50 p75 p95: {before} → {after}"
    for row in feature.rows:
        who = f"{code(', '.join(row.keys))}: " if keys else ""
        yield f"* for example {who}{code(_value(row.before))} → {code(_value(row.after))}"


def _value(value: str | None) -> str:
    return "null" if value is None else value or "''"


def _touched(change: Change, plan: Plan) -> Iterator[str]:
    impact = plan.impact(change.name)
    if impact is None:
        return
    for reader in impact.readers:
        model = f", model {code(reader.model)}" if reader.model else ""
        features = ", ".join(code(name) for name in reader.features[:10])
        more = f" and {len(reader.features) - 10} more" if len(reader.features) > 10 else ""
        yield f"* hits service {code(reader.service)} of {code(reader.owner or 'nobody')}{model}: {features}{more}"
    if impact.training_sets:
        yield f"* hits training sets {_listed(impact.training_sets)}"
    if impact.downstream:
        yield f"* hits views downstream: {_listed(impact.downstream)}"
    if words := version_words(impact):
        yield f"* {words}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - 20} more" if len(every) > 20 else ""
    return ", ".join(code(name) for name in every[:20]) + more


def _left_out(problems: int, rows: int, details: list[Change]) -> str:
    """What did not fit, in words; `fpc plan` on the command line leaves nothing out."""
    if not (problems or rows or details):
        return ""
    counted: dict[str, int] = {}
    for change in details:
        counted[change.gravest.value] = counted.get(change.gravest.value, 0) + 1
    told = [plural(problems, "error")] if problems else []
    told += [f"{plural(rows, 'row')} of the table"] if rows else []
    if details:
        what = ", ".join(f"{count:,} {kind}" for kind, count in counted.items())
        told.append(f"the details of {plural(len(details), 'change')} ({what})")
    return (
        f"**Left out**, as a comment holds no more: {'; '.join(told)}. "
        "`fpc plan` in a terminal, or `fpc plan --json`, shows everything.\n"
    )
