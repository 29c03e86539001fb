"""Near misses: the known word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to `word`, or None when none is close.

    >>> nearest("amuont", ["status", "amount"])
    'amount'
    """
    folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.casefold()[:200], folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The help text that proposes the nearest known word.

    >>> did_you_mean("amuont", ["status", "amount"])
    'did you mean `amount`?'
    """
    found = nearest(word, known)
    return None if found is None else f"did you mean `{found}`?"
