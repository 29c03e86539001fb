"""Checking again: no more than what changed since the last check, with the answer of a check of everything.

Nothing heavy is imported before it is known to be needed: where no file changed, the last answer is read and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fpc.checking.inputs import Inputs, read_inputs, read_upstream
from fpc.checking.kept import Kept, read_kept, write_kept
from fpc.checking.order import ordered
from fpc.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from fpc.checking.around import Also


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found, in its order, and how many feature views could be resolved."""

    diagnostics: tuple[Diagnostic, ...]
    views: int


def check_again(root: Path, records: Mapping[str, bytes], also: Also, *, keep: bool = True) -> Answer:
    """Check a repository; with `keep`, from the last check on, and for the next one.

    `records` are what `also` reads beside the model, by the view that it is about.
    """
    last = read_kept(root) if keep else None
    inputs = read_inputs(root, records, reads_dbt=last is not None and last.inputs.upstream != "")
    if last is not None and last.inputs == inputs:
        return _answer(last)
    checked = _checked(root, last, inputs, also)
    if keep:
        _keep(root, checked, records)
    return _answer(checked)


def _checked(root: Path, last: Kept | None, inputs: Inputs, also: Also) -> Kept:
    from fpc.checking.around import check_all, check_around  # brings the model and sqlglot

    same_world = last is not None and last.inputs.world == inputs.world
    if last is not None and same_world:
        edited = _edited(last, inputs)
        around = None if edited is None else check_around(root, last, inputs, edited, also)
        if around is not None:
            return around
    checked, reads_dbt = check_all(root, inputs, last.types if last is not None and same_world else "{}", also)
    return replace(checked, inputs=replace(inputs, upstream=read_upstream(root) if reads_dbt else ""))


def _edited(last: Kept, inputs: Inputs) -> set[str] | None:
    """The files that changed, or whose views' records did; None where more than files did."""
    then = last.inputs
    if then.listing != inputs.listing or then.upstream != inputs.upstream:
        return None
    edited = {path for path, digest in inputs.files.items() if then.files.get(path) != digest}
    views = {view for view in {*then.records, *inputs.records} if then.records.get(view) != inputs.records.get(view)}
    return edited | {path for path, file in last.files.items() if views.intersection(file.views)}


def _keep(root: Path, checked: Kept, records: Mapping[str, bytes]) -> None:
    """Keep what was found, unless a file changed while it was checked: then nobody knows which was read."""
    if read_inputs(root, records, reads_dbt=checked.inputs.upstream != "") == checked.inputs:
        write_kept(root, checked)


def _answer(kept: Kept) -> Answer:
    found = [one for file in kept.files.values() for one in file.diagnostics]
    return Answer(ordered([*found, *kept.judged]), sum(len(file.views) for file in kept.files.values()))
