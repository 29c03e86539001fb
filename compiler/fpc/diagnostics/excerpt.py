"""The line of a file on which a problem stands, with carets under it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fpc.diagnostics.cells import TAB_CELLS, cells
from fpc.diagnostics.neutral import visible
from fpc.diagnostics.span import Span

#: Gives a file's text by its path relative to the repository, or None when there is none to show.
Texts = Callable[[str], str | None]

# As the reader of specs counts lines; `str.splitlines` breaks at more characters than these.
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_LONGEST_SHOWN: Final = 160
_BEFORE_SPAN: Final = 60
_CUT: Final = "..."


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line as shown, and the cells that the span's part of it covers: `start` from 0, `width` at least 1."""

    line: str
    start: int
    width: int


def excerpt(text: str, span: Span) -> Excerpt | None:
    """The span's first line with unseen characters spelled out, tabs widened and overlong ends cut.

    A span over several lines is underlined to the end of the first. None when the text has no such line, as when
    the file changed since it was read.
    """
    lines = _lines(text)
    if not 1 <= span.line <= len(lines):
        return None
    line = lines[span.line - 1].rstrip()
    first = min(span.column - 1, len(line))
    past = span.end_column - 1 if span.end_line == span.line else len(line)
    past = max(first, min(past, len(line)))
    cut_from, cut_to = _shown_part(len(line), first)
    shown = visible(line[cut_from:cut_to])
    _widen_tabs(line[cut_from:cut_to], shown)
    head = _CUT if cut_from > 0 else ""
    tail = _CUT if cut_to < len(line) else ""
    start = cells(head + "".join(shown[: first - cut_from]))
    width = cells("".join(shown[first - cut_from : past - cut_from]))
    return Excerpt(head + "".join(shown) + tail, start, max(1, width))


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    """The lines of a text: diagnostics of one file follow each other."""
    return _LINE_BREAK.split(text)


def _shown_part(length: int, first: int) -> tuple[int, int]:
    if length <= _LONGEST_SHOWN:
        return 0, length
    cut_from = max(0, min(first - _BEFORE_SPAN, length - _LONGEST_SHOWN))
    return cut_from, min(length, cut_from + _LONGEST_SHOWN)


def _widen_tabs(line: str, shown: list[str]) -> None:
    if "\t" not in line:
        return
    place = 0
    for index, character in enumerate(line):
        if character == "\t":
            shown[index] = " " * (TAB_CELLS - place % TAB_CELLS)
        place += cells(shown[index])
