"""How many cells of a terminal a text takes."""

from __future__ import annotations

import unicodedata

TAB_CELLS = 4


def cells(text: str) -> int:
    """The width of visible text: East Asian wide characters take two cells, combining marks none.

    >>> cells("abc"), cells("日本"), cells("e\\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
