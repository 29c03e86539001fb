"""One file's text, and the way from an index in it to a line and a column."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

from fpc.diagnostics.span import Span

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


class TextFile:
    """A decoded file. Indices count characters from 0; lines and columns count from 1."""

    def __init__(self, path: str, text: str) -> None:
        """Hold `text` under the path that spans are to name."""
        self.path = path
        self.text = text

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]

    def position(self, index: int) -> tuple[int, int]:
        """The line and column of the character at `index`."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The stretch from the character at `start` up to, without it, that at `end`."""
        line, column = self.position(start)
        end_line, end_column = self.position(max(start, end))
        return Span(self.path, line, column, end_line, end_column)
