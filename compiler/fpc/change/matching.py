"""Which thing of one state is which of the other: by name, else by meaning."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

T = TypeVar("T")


def pairs(
    before: Mapping[str, T], after: Mapping[str, T], *meanings: Callable[[T], Hashable | None]
) -> list[tuple[T | None, T | None]]:
    """Each thing with what it was: of one name, else of one meaning; alone where it was added or removed.

    `meanings` are asked in turn of what has no partner of its name. A meaning that is None, or that several of one
    state have, says nothing: a guess would be a wrong story.
    """
    renamed: dict[str, str] = {}
    for meaning in meanings:
        gone = _by_meaning(
            {name: before[name] for name in before if name not in after and name not in renamed}, meaning
        )
        taken = set(renamed.values())
        new = _by_meaning({name: after[name] for name in after if name not in before and name not in taken}, meaning)
        renamed.update((gone[key], new[key]) for key in gone if key in new)
    was = {name: old for old, name in renamed.items()}
    names = sorted({*after, *(name for name in before if name not in renamed)})
    return [(before.get(was.get(name, name)), after.get(name)) for name in names]


def _by_meaning(things: Mapping[str, T], meaning: Callable[[T], Hashable | None]) -> dict[Hashable, str]:
    found: dict[Hashable, str] = {}
    several: set[Hashable] = set()
    for name, thing in things.items():
        key = meaning(thing)
        if key is None:
            continue
        if key in found:
            several.add(key)
        found[key] = name
    return {key: name for key, name in found.items() if key not in several}
