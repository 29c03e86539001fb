"""Whom the change of a view touches: services, the models behind them, training sets, views downstream, owners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fpc.change.nodes import Bump, Change, Class, Impact, Reader
from fpc.model.nodes import DbtModelLocation, FeatureService, FeatureView, Model, TableLocation

#: What a service notices of a feature that it reads.
_NOTICED = frozenset((Class.REMOVED, Class.TYPE, Class.VALUE, Class.RENAMED))
#: The services that read a view, by its name, with the features of it that each reads.
Readers = dict[str, list[tuple[FeatureService, frozenset[str]]]]


def impacts_of(
    before: Model,
    after: Model,
    changes: Sequence[Change],
    pairs: Sequence[tuple[FeatureView | None, FeatureView | None]],
) -> tuple[Impact, ...]:
    """The impact of each view's change, in their order."""
    states = {(new or old).name: (old, new) for old, new in pairs if (new or old) is not None}  # type: ignore[union-attr]
    below = _downstream(after)
    readers, readers_after = _readers(before), _readers(after)
    return tuple(
        _impact(before, after, change, *states[change.name], readers, readers_after, below) for change in changes
    )


def broken_features(change: Change, old: FeatureView | None) -> dict[str, Class]:
    """Features of the view before, by the names that they had, that a reader would not find as they were, and why."""
    if old is None:
        return {}
    if Class.REMOVED in change:
        return {output.name: Class.REMOVED for output in old.outputs}
    found = {output.name: Class.RENAMED for output in old.outputs} if Class.RENAMED in change else {}
    if Class.TYPE in change:
        found = {output.name: Class.TYPE for output in old.outputs}
    for part in change.parts:
        worst = min((kind for kind in part.classes if kind in _NOTICED), key=lambda kind: kind.gravity, default=None)
        if worst is not None:
            found[part.before_name.partition(".")[2]] = worst
    return found


def _impact(
    before: Model,
    after: Model,
    change: Change,
    old: FeatureView | None,
    new: FeatureView | None,
    readers: Readers,
    readers_after: Readers,
    below: Mapping[str, tuple[str, ...]],
) -> Impact:
    broken = broken_features(change, old)
    ending = {part.before_name.partition(".")[2] for part in change.parts if Class.AVAILABILITY in part}
    hit = []
    for service, features in readers.get(old.name, []) if old is not None else []:
        touched = tuple(sorted(features & (broken.keys() | ending)))
        if not touched and Class.AVAILABILITY in change:
            touched = tuple(sorted(features))
        if touched:
            hit.append(Reader(service.name, service.owner, service.model, touched))
    if old is None:
        hit = [
            Reader(service.name, service.owner, service.model, tuple(sorted(features)))
            for service, features in readers_after.get(change.name, [])
        ]
    names = {reader.service for reader in hit}
    training = sorted(each.name for each in before.training_sets.values() if each.service.name in names)
    downstream = below.get(change.name, ())
    owners = {reader.owner for reader in hit} | {after.views[name].owner for name in downstream}
    owners |= {view.owner for view in (old, new) if view is not None}
    versions = (None if old is None else old.version, None if new is None else new.version)
    moved = old is not None and new is not None and (old.fingerprint != new.fingerprint or old.name != new.name)
    return Impact(
        change.name,
        tuple(hit),
        tuple(training),
        downstream,
        tuple(sorted(owner for owner in owners if owner)),
        refilled=new is not None and (old is None or moved),
        recomputed=old is not None and new is not None and any(kind is not Class.RENAMED for kind in broken.values()),
        version_before=versions[0],
        version_after=versions[1],
        bump=_bump(old, new, bool(broken)),
    )


def _bump(old: FeatureView | None, new: FeatureView | None, breaking: bool) -> Bump:
    if old is None or new is None or not breaking:
        return Bump.NOT_NEEDED
    return Bump.DONE if new.version > old.version else Bump.DUE


def _readers(model: Model) -> Readers:
    found: Readers = {}
    for service in model.services.values():
        names: dict[str, set[str]] = {}
        for reference in service.features:
            names.setdefault(reference.view, set()).add(reference.feature)
        for view, features in names.items():
            found.setdefault(view, []).append((service, frozenset(features)))
    return found


def _downstream(model: Model) -> dict[str, tuple[str, ...]]:
    """Views whose source is another view's table, by that view, those of theirs included."""
    direct: dict[str, set[str]] = {}
    for view in model.views.values():
        read = _table_of(view)
        if read in model.views and read != view.name:
            direct.setdefault(read, set()).add(view.name)
    return {name: tuple(sorted(_reached(name, direct))) for name in direct}


def _table_of(view: FeatureView) -> str:
    match view.source.location:
        case TableLocation(schema, table) if schema in (None, "main"):
            return table
        case DbtModelLocation(model):
            return model
        case _:
            return ""


def _reached(name: str, direct: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for below in direct.get(waiting.pop(), ()):
            if below not in found and below != name:
                found.add(below)
                waiting.append(below)
    return found
