"""The two ways to an answer that can be kept: checking everything, and checking around what was edited."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Final

from fpc.checking.inputs import Inputs
from fpc.checking.kept import Kept, KeptFile
from fpc.checking.shape import Shape, can_follow_edits, neighbourhood, shapes
from fpc.checking.whole import Examined, examine, judge
from fpc.contract.spec_files import CONFIG
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.graded import graded
from fpc.model.nodes import Model
from fpc.model.typing import Typing
from fpc.rules.checks import FOLLOWS_EDITS
from fpc.spec.collector import paused_collector
from fpc.spec.loader import load

#: Finds more about a model: about its views, at their places.
Also = Callable[[Model], Iterable[Diagnostic]]

# Beyond so many files, or this share of them, a check of everything is no slower.
_FEW: Final = 40
_SHARE: Final = 4
_NOTHING: Final = Shape((), ())


def check_all(root: Path, inputs: Inputs, types: str, also: Also) -> tuple[Kept, bool]:
    """Check everything, and whether the user's dbt models were read for it. `types` need not be asked for again."""
    with paused_collector():
        typing = Typing(json.loads(types))
        examined = examine(load(root), typing)
        found = [*examined.diagnostics, *graded(also(examined.model), examined.spec.severities())]
        files = _files(examined, found, (CONFIG, *inputs.listing))
        rest = tuple(one for one in found if _path_of(one) not in files)
        if rest:
            files[""] = KeptFile((), (), (), rest, "[]")
        kept = Kept(
            inputs,
            FOLLOWS_EDITS and not rest and _has_facts_of(examined, files) and can_follow_edits(examined.spec),
            judge((name, fact) for name, _, fact in examined.facts),
            _json(typing.answers()),
            files,
        )
        return kept, any(source.dbt_model is not None for source in examined.spec.sources)


def check_around(root: Path, last: Kept, inputs: Inputs, edited: Collection[str], also: Also) -> Kept | None:
    """Check what an edit of these files can have changed since the `last` check; None where that cannot be told."""
    if not last.follows_edits or not FOLLOWS_EDITS or CONFIG in edited:
        return None
    with paused_collector():
        known = {path: Shape(file.names, file.refers) for path, file in last.files.items()}
        fresh = shapes(load(root, edited).value)
        if any(path not in fresh or fresh[path].names != known[path].names for path in edited):
            return None
        affected, beside = neighbourhood({**known, **{path: fresh[path] for path in edited}}, edited)
        if len(affected) + len(beside) > max(_FEW, len(known) // _SHARE):
            return None
        types = json.loads(last.types)
        typing = Typing(types)
        examined = examine(load(root, affected | beside), typing)
        found = [*examined.diagnostics, *graded(also(examined.model), examined.spec.severities())]
        if not _is_told_by_names(examined, found, last):
            return None
        files = {**last.files, **_files(examined, found, affected)}
        answers = typing.answers()
        return Kept(
            inputs,
            True,
            judge((name, tuple(fact)) for file in files.values() for name, fact in json.loads(file.facts)),
            last.types if answers.keys() <= types.keys() else _json({**types, **answers}),
            files,
        )


def _is_told_by_names(examined: Examined, found: Iterable[Diagnostic], last: Kept) -> bool:
    """Whether the edit brought nothing whose reach names do not tell."""
    reads_more = not last.inputs.upstream and any(source.dbt_model is not None for source in examined.spec.sources)
    told = all(_path_of(one) in last.files for one in found) and _has_facts_of(examined, last.files)
    return told and not reads_more and can_follow_edits(examined.spec)


def _has_facts_of(examined: Examined, files: Collection[str]) -> bool:
    """Whether each fact is of a file that is kept."""
    return all(path in files for _, path, _ in examined.facts)


def _files(examined: Examined, found: Iterable[Diagnostic], wanted: Collection[str]) -> dict[str, KeptFile]:
    """What is kept of the wanted files."""
    found_in: dict[str | None, list[Diagnostic]] = defaultdict(list)
    for one in found:
        found_in[_path_of(one)].append(one)
    facts_of: dict[str, list[object]] = defaultdict(list)
    for name, path, fact in examined.facts:
        facts_of[path].append((name, fact))
    views_in: dict[str, list[str]] = defaultdict(list)
    for view in examined.model.views.values():
        views_in[view.span.path].append(view.name)
    shape_of = shapes(examined.spec)
    return {
        path: KeptFile(
            shape_of.get(path, _NOTHING).names,
            shape_of.get(path, _NOTHING).refers,
            tuple(views_in[path]),
            tuple(found_in[path]),
            _json(facts_of[path]),
        )
        for path in wanted
    }


def _path_of(found: Diagnostic) -> str | None:
    return None if found.label is None else found.label.span.path


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
