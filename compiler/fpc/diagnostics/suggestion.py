"""Near misses: the known word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

#: As many known words as a help text lists.
_MOST: Final = 12


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


def meant_or_known(word: str, known: Iterable[str]) -> str:
    """The help text that proposes the nearest known word, or where none is near names those that there are.

    >>> meant_or_known("amuont", ["status", "amount"])
    'did you mean `amount`?'
    >>> meant_or_known("x", ["status", "amount"])
    'known here: amount, status'
    >>> meant_or_known("x", [])
    'none is known here'
    """
    words = sorted(known)
    meant = did_you_mean(word, words)
    if meant is not None:
        return meant
    if not words:
        return "none is known here"
    more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return f"known here: {', '.join(words[:_MOST])}{more}"
