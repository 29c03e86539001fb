"""Text of specs and data made harmless: nothing of it may act on a terminal or on a log reader of a CI system."""

from __future__ import annotations

import re
from typing import Final

# GitHub, Azure and TeamCity act on `##[...]` or `##word[...]` wherever in a line it stands.
_LOG_COMMAND: Final = re.compile(r"##(?=[A-Za-z]*\[)")


def neutralise(text: str) -> str:
    r"""One line that shows every character and lets none act: unseen ones are spelled `\u{1b}`.

    >>> neutralise("a\x1b[31mb\n")
    'a\\u{1b}[31mb\\u{a}'
    >>> neutralise("##[error]")
    '#\\u{23}[error]'
    """
    if _is_plain(text):
        return text
    return "".join(visible(text))


def neutralise_lines(text: str) -> str:
    """As `neutralise`, with line breaks kept: for our own blocks of text that hold some of a spec's."""
    return "\n".join(neutralise(line) for line in text.split("\n"))


def visible(text: str) -> list[str]:
    """What stands on the screen for each character of `text`, in order.

    Spelled out are controls, direction and zero-width marks, lone surrogates, and every space but the plain one.
    """
    if _is_plain(text):
        return list(text)
    shown = [character if character.isprintable() else spell(character) for character in text]
    for command in _LOG_COMMAND.finditer(text):
        shown[command.start() + 1] = spell("#")
    return shown


def _is_plain(text: str) -> bool:
    """Whether each character is shown as it is."""
    return text.isascii() and text.isprintable() and "##" not in text


def spell(character: str) -> str:
    """A character by its number.

    >>> spell("#")
    '\\\\u{23}'
    """
    return f"\\u{{{ord(character):x}}}"
