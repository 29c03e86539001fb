"""Which names a spec file declares and which it refers to, and what else an edit of it can therefore change."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from fpc.spec.documents import Spec

SOURCE: Final = "source"
ENTITY: Final = "entity"
VIEW: Final = "feature_view"
SERVICE: Final = "feature_service"
TRAINING_SET: Final = "training_set"

#: A kind and a name of that kind.
Name = tuple[str, str]

_WORD: Final = re.compile(r"\w+")
# What is read here. A repository that holds anything else is checked as a whole until this module knows of it.
_KNOWN: Final = {
    "config",
    "entities",
    "files",
    "services",
    "sources",
    "training_sets",
    "upstream",
    "views",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file declares, in its order, and what it refers to, sorted."""

    names: tuple[Name, ...]
    refers: tuple[Name, ...]


def shapes(spec: Spec) -> dict[str, Shape]:
    """The shape of each file that was read, by its path."""
    names: dict[str, list[Name]] = {path: [] for path in spec.files}
    refers: dict[str, set[Name]] = {path: set() for path in spec.files}
    for path, name, referred in _documents(spec):
        names[path].append(name)
        refers[path].update(referred)
    return {path: Shape(tuple(names[path]), tuple(sorted(refers[path]))) for path in spec.files}


def can_follow_edits(spec: Spec) -> bool:
    """Whether names alone tell what depends on what: each is declared once, and no expression looks at other views."""
    counts = Counter(name for _, name, _ in _documents(spec))
    at_request = any(view.freshness is not None and view.freshness.value is None for view in spec.views)
    is_known = {field.name for field in fields(spec)} <= _KNOWN
    return is_known and not at_request and all(count == 1 for count in counts.values())


def neighbourhood(known: Mapping[str, Shape], edited: Collection[str]) -> tuple[set[str], set[str]]:
    """The files in which an edit can change what is found, and those that must be read beside them.

    Among the first is what names an edited document, and so on upwards. A training set speaks of its service's views
    at their places, and the proofs that nothing leaks speak at a source's place of all views that read it: so these
    are among the first too, and those views beside them.
    """
    declares = {name: path for path, shape in known.items() for name in shape.names}
    users: dict[Name, list[str]] = defaultdict(list)
    for path, shape in known.items():
        for name in shape.refers:
            users[name].append(path)
    affected: set[str] = set()
    waiting = list(edited)
    while waiting:
        path = waiting.pop()
        if path in affected:
            continue
        affected.add(path)
        for declared in known[path].names:
            waiting += users[declared]
            if declared[0] == TRAINING_SET:
                services = _declared_in(known[path], SERVICE, declares)
                waiting += [
                    *services,
                    *(view for each in services for view in _declared_in(known[each], VIEW, declares)),
                ]
        for source in _declared_in(known[path], SOURCE, declares):
            if all(kind in (SOURCE, ENTITY) for kind, _ in known[source].names):
                affected.add(source)
            else:
                waiting.append(source)
    readers = {user for path in affected for name in known[path].names if name[0] == SOURCE for user in users[name]}
    return affected, _below(known, declares, affected | readers) - affected


def _below(known: Mapping[str, Shape], declares: Mapping[Name, str], files: Collection[str]) -> set[str]:
    """These files, and those that declare what they refer to, and so on downwards."""
    found: set[str] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [declares[name] for name in known[path].refers if name in declares]
    return found


def _declared_in(shape: Shape, kind: str, declares: Mapping[Name, str]) -> list[str]:
    """The files that declare what a file refers to of one kind."""
    return [declares[name] for name in shape.refers if name[0] == kind and name in declares]


def _documents(spec: Spec) -> Iterator[tuple[str, Name, list[Name]]]:
    """Each document's file, name and references; a source may be made of a view's table, through dbt models or not."""
    words = {word for file in spec.upstream.values() for word in _WORD.findall(file.text)}
    for source in spec.sources:
        made_by = words if source.dbt_model is not None else ()
        tables = made_by if source.table is None else _WORD.findall(source.table.value)
        yield source.place.file.path, (SOURCE, source.name.value), [(VIEW, word) for word in tables]
    for entity in spec.entities:
        yield entity.place.file.path, (ENTITY, entity.name.value), []
    for view in spec.views:
        uses = [(kind, text.value) for kind, text in ((SOURCE, view.source), (ENTITY, view.entity)) if text is not None]
        if view.deprecated is not None and view.deprecated.use is not None:
            uses.append((VIEW, view.deprecated.use.value))
        ends = [*(item.deprecated for item in view.features), *(item.deprecated for item in view.derived)]
        texts = (end.use.value for end in ends if end is not None and end.use is not None)
        uses += [(VIEW, text.partition(".")[0]) for text in texts if "." in text]
        yield view.place.file.path, (VIEW, view.name.value), uses
    for service in spec.services:
        read = [(VIEW, text.value.partition(".")[0]) for text in service.features]
        yield service.place.file.path, (SERVICE, service.name.value), read
    for declared in spec.training_sets:
        yield declared.place.file.path, (TRAINING_SET, declared.name.value), [(SERVICE, declared.service.value)]
