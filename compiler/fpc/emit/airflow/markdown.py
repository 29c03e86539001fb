"""Text of specs in Markdown: shown as it was written, with no markup, link, picture or HTML of its own."""

from __future__ import annotations

import re
import textwrap
from typing import Final

from fpc.emit.inert import one_line

_MARKUP: Final = re.compile(r"[\\`*<>\[\]|~&#$]")
_LINE_START: Final = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")
_WIDTH: Final = 100


def plain(text: str) -> str:
    """The text in one line, with every character escaped that could begin markup.

    >>> plain("<b>not bold</b>")
    '\\\\<b\\\\>not bold\\\\</b\\\\>'
    """
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def paragraph(text: str) -> list[str]:
    """The text as the lines of one paragraph."""
    lines = textwrap.wrap(plain(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [_LINE_START.sub(_escaped, line) for line in lines]


def bullet(text: str) -> list[str]:
    """Markdown that is ours, as the lines of one item of a list."""
    return textwrap.wrap(
        text, _WIDTH, initial_indent="* ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _escaped(found: re.Match[str]) -> str:
    # `1.` would begin a list, and a digit cannot be escaped: the mark behind it can, and stands there by the pattern.
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"
