"""`fpc new version`: keeps what a view meant, under a name of its own, and raises the version of what it means now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from fpc import spec
from fpc.change import Plan, compare
from fpc.change.agreement import unwilling
from fpc.change.nodes import Bump, Impact, Kind
from fpc.checking.whole import examine, judge
from fpc.cli.console import say, suggest
from fpc.cli.failure import CommandError, user_fault, wrong_usage
from fpc.cli.git_state import Commit, find_commit, specs_at, written
from fpc.cli.kept_version import Edit, edited, kept_text, moved, raised
from fpc.cli.model_at import model_at
from fpc.cli.names import unknown
from fpc.cli.replace_file import replace_file
from fpc.cli.report import errors_of, refuse, talk_about
from fpc.contract.spec_files import CONFIG
from fpc.contract.today import today
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.format.spec_text import format_text
from fpc.model.frozen_day import frozen_day
from fpc.model.nodes import FeatureView, Model
from fpc.model.typing import Typing
from fpc.pipeline import check_repository
from fpc.spec.documents import Spec, ViewSpec

#: How long the old version is kept where nobody says until when.
_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class _Change:
    """A view before and after an edit of its meaning, and the view that is, or is to be, what it was."""

    old: FeatureView
    new: FeatureView
    impact: Impact
    kept: FeatureView | None
    name: str


def keep_version(root: Path, view: str, *, ref: str, merge_base: bool, until: date | None, name: str | None) -> None:
    """Do what is not done yet of: keep the view as it was in the commit, raise its version, move who reads it.

    The result is checked, and on any error every file is again as it was. Raises `CommandError` where nothing changed.
    """
    commit = find_commit(root, ref, merge_base=merge_base)
    typing = Typing()
    examined = examine(spec.load(root), typing)
    judged = judge((survey, fact) for survey, _, fact in examined.facts)
    refuse(errors_of((*examined.diagnostics, *judged)), root)
    before, after = model_at(root, commit, examined, typing), examined.model
    if view not in after.views:
        raise unknown("feature view", view, after.views)
    day = date.fromisoformat(today(frozen_day(after)))
    plan = compare(before, after, day.isoformat())
    change = _change_of(before, after, plan, view, commit, name)
    end = until or day + timedelta(days=_DAYS)
    if end <= day:
        raise wrong_usage(f"--until {end} is not after {day}", help="name a day that is still to come")
    files = _files(root, commit, change, examined.spec, after, f"{{since: {day}, remove_after: {end}, use: {view}}}")
    if files:
        _put(root, files, change, plan)
        say(f"  what `{view}` meant in {commit.ref} is `{change.name}`")
    else:
        say(f"  what `{view}` meant in {commit.ref} is kept already, as `{change.name}`; nothing was changed")
    suggest(
        "fpc plan" + ("" if ref == "HEAD" else f" --against {ref}"),
        f"shows what version {change.old.version + 1} means",
    )


def _change_of(before: Model, after: Model, plan: Plan, view: str, commit: Commit, name: str | None) -> _Change:
    """The change of a view that needs its version kept; `CommandError` where there is none."""
    against = f"{commit.ref} ({commit.short})"
    if view not in before.views:
        raise user_fault(
            f"there is no view `{view}` in {against}, so there is nothing to keep",
            help="--against names a commit that has it",
        )
    impact = next((each for each in plan.impacts if each.view == view), None)
    if impact is None or impact.bump is Bump.NOT_NEEDED:
        raise user_fault(
            f"`{view}` has the values that it had in {against}, so there is nothing to keep",
            help="edit it first; or name the commit before the edit, such as --against main --merge-base",
        )
    old, new = before.views[view], after.views[view]
    same = [each for each in after.views.values() if each.fingerprint == old.fingerprint and each.name != view]
    kept = same[0] if same else None
    chosen = kept.name if kept is not None else name or f"{view}_v{old.version}"
    if kept is None and chosen in after.views:
        raise user_fault(
            f"there is a view `{chosen}` already, which means something else", help="choose one with --name"
        )
    if kept is None and old.deprecated is not None:
        raise user_fault(f"`{view}` is deprecated itself", help="let it go at its date, or take `deprecated` out first")
    return _Change(old, new, impact, kept, chosen)


def _files(root: Path, commit: Commit, change: _Change, specs: Spec, after: Model, deprecated: str) -> dict[str, str]:
    """The texts of the files that have to be written, by path."""
    name = change.old.name
    edits: dict[str, list[Edit]] = defaultdict(list)
    texts = {one.place.file.path: one.place.file.text for one in specs.views}
    texts |= {one.place.file.path: one.place.file.text for one in specs.services}
    if change.new.version <= change.old.version:
        edit = raised(_document(specs, name), change.old.version + 1)
        edits[edit.path].append(edit)
    against = {reader.service for reader in unwilling(change.old, change.new, change.impact)}
    lacking = {each.name for each in change.new.outputs} - {each.name for each in change.old.outputs}
    for service in specs.services:
        if service.name.value in against:
            for edit in moved(service, name, change.name, lacking):
                edits[edit.path].append(edit)
    files = {path: _laid_out(path, texts[path], edited(texts[path], several)) for path, several in edits.items()}
    if change.kept is None:
        path = str(Path(change.new.span.path).with_name(f"{change.name}.yml").as_posix())
        if (root / path).exists():
            raise user_fault(f"there is a file `{path}` already", help="choose another name with --name")
        text = kept_text(_document_at(root, commit, change.old), change.name, deprecated, path)
        files[path] = format_text(path, text).text
    return files


def _laid_out(path: str, before: str, after: str) -> str:
    """The file after an edit: in the one layout, if it was in it before."""
    return format_text(path, after).text if format_text(path, before).text == before else after


def _document(specs: Spec, name: str) -> ViewSpec:
    return next(each for each in specs.views if each.name.value == name)


def _document_at(root: Path, commit: Commit, view: FeatureView) -> ViewSpec:
    contents = specs_at(root, commit)
    with written({path: contents[path] for path in (CONFIG, view.span.path)}) as folder:
        return _document(spec.load(folder).value, view.name)


def _put(root: Path, files: Mapping[str, str], change: _Change, plan: Plan) -> None:
    """Write the files; where the result is not right, all of them are again as they were."""
    was = {path: (root / path).read_bytes().decode("utf-8") if (root / path).exists() else None for path in files}
    for path, text in files.items():
        replace_file(root / path, text)
    checked = check_repository(root)
    errors = errors_of(checked.diagnostics)
    kept = checked.value.views.get(change.name)
    if not errors and kept is not None and kept.fingerprint == change.old.fingerprint:
        for path in sorted(files):
            say(f"  {'wrote   ' if was[path] is None else 'changed '} {path}")
        return
    talk_about(errors, root)
    for path, before in was.items():
        if before is None:
            (root / path).unlink()
        else:
            replace_file(root / path, before)
    raise _not_kept(change, plan, errors)


def _not_kept(change: _Change, plan: Plan, errors: Sequence[Diagnostic]) -> CommandError:
    changed = [each for each in plan.changes if each.kind in (Kind.SOURCE, Kind.ENTITY)]
    what = " and ".join(f"{each.kind.value} `{each.name}`" for each in changed)
    if errors or not changed:
        return user_fault(
            f"`{change.old.name}` as it was cannot stand beside what it is now, so every file was left as it was",
            help="keep it by hand: `fpc explain FPC0641` shows how",
        )
    return user_fault(
        f"`{change.old.name}` changed because of {what}, which the old version would read as well",
        notes=("every file was left as it was",),
        help="give what changed a name of its own, let the new version read that, and put the old one back as it was",
    )
