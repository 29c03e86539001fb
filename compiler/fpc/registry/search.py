"""Finding things by words: ranked, by the beginnings of words, and with slips of the finger.

Each word that is asked for has to be found, in a name, a tag, a description, an owner or the SQL. A rare word counts
for more than one that everything has, a name for more than a description, a whole word for more than a beginning, and
that for more than a word that is one or two letters off. Where nothing has every word, what has most of them is found.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fpc.registry.things import Kind, Thing

_WORD: Final = re.compile(r"[a-z]+|[0-9]+[a-z]*")
_NAME, _PARENT, _TAG, _DESCRIPTION, _OTHER = 4.0, 2.0, 2.5, 1.5, 1.0
_WHOLE, _BEGINNING, _SLIP = 1.0, 0.7, 0.5
#: A word must be so long for one letter, and for two, to be wrong.
_ONE_SLIP, _TWO_SLIPS = 4, 8
#: What people look for first, where all else is equal.
_ORDER: Final = {kind: at for at, kind in enumerate((Kind.FEATURE, Kind.VIEW, *Kind))}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `score` is higher for a better match, and means nothing beside another search's."""

    thing: Thing
    score: float


class Index:
    """The words of things, and where each stands; made once, asked any number of times."""

    def __init__(self, things: Iterable[Thing]) -> None:
        """Read the words of all things."""
        self._things = tuple(things)
        postings: dict[str, dict[int, float]] = defaultdict(dict)
        for at, thing in enumerate(self._things):
            for weight, texts in _fields(thing):
                for word in words(" ".join(texts)):
                    known = postings[word]
                    known[at] = max(known.get(at, 0.0), weight)
        self._postings: Mapping[str, Mapping[int, float]] = postings

    def search(self, text: str, limit: int = 20) -> tuple[Hit, ...]:
        """The best matches, best first; equal ones by kind and name. Nothing for a text without a word."""
        wanted = list(dict.fromkeys(words(text)))
        scores: dict[int, float] = defaultdict(float)
        met: dict[int, int] = defaultdict(int)
        for word in wanted:
            for at, score in self._matches(word).items():
                scores[at] += score
                met[at] += 1
        most = max(met.values(), default=0)
        hits = [Hit(self._things[at], score) for at, score in scores.items() if met[at] == most]
        exact = text.strip().casefold()
        hits.sort(key=lambda hit: (hit.thing.path != exact and hit.thing.name != exact, -hit.score, _by_name(hit)))
        return tuple(hits[:limit])

    def _matches(self, word: str) -> dict[int, float]:
        """For one word, how well each thing has it: the best of its words that are near."""
        found: dict[int, float] = {}
        for near, quality in self._near(word):
            known = self._postings[near]
            rarity = math.log(1 + len(self._things) / len(known))
            for at, weight in known.items():
                found[at] = max(found.get(at, 0.0), rarity * weight * quality)
        return found

    def _near(self, word: str) -> Sequence[tuple[str, float]]:
        found = []
        slips = 2 if len(word) >= _TWO_SLIPS else 1 if len(word) >= _ONE_SLIP else 0
        for known in self._postings:
            if known == word:
                found.append((known, _WHOLE))
            elif len(word) > 1 and known.startswith(word):
                found.append((known, _BEGINNING))
            elif slips and not word[0].isdigit() and (off := distance(word, known, slips)) <= slips:
                found.append((known, _SLIP / off))
        return found


def words(text: str) -> list[str]:
    """The words of a text in lower case; a window such as `7d` is one, an underscore parts two.

    >>> words("orders_last_7d: COUNT(order_id)")
    ['orders', 'last', '7d', 'count', 'order', 'id']
    """
    return _WORD.findall(text.casefold())


def distance(left: str, right: str, most: int) -> int:
    """How many letters must be put in, left out, changed or swapped with their neighbour; `most + 1` for more.

    >>> distance("amuont", "amount", 2), distance("order", "orders", 2), distance("abc", "xyz", 2)
    (1, 1, 3)
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        here = [row]
        for column, b in enumerate(right, 1):
            cost = min(above[column] + 1, here[column - 1] + 1, above[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        if min(here) > most:
            return most + 1
        before, above = above, here
    return min(above[-1], most + 1)


def _fields(thing: Thing) -> Iterable[tuple[float, tuple[str, ...]]]:
    yield _NAME, (thing.name,)
    yield _PARENT, (thing.parent,)
    yield _TAG, thing.tags
    yield _DESCRIPTION, (thing.description,)
    yield _OTHER, (thing.owner, thing.text, *thing.words)


def _by_name(hit: Hit) -> tuple[int, int, str]:
    """Of equal matches the one that says least beside what was asked for."""
    return _ORDER[hit.thing.kind], len(words(hit.thing.name)), hit.thing.path
