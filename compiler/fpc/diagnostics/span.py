"""Where something stands in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file: lines and columns count from 1, in characters; the end column is exclusive.

    `path` is relative to the repository's root, with forward slashes.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """`path:line:column`, as editors and terminals make it clickable."""
        return f"{self.path}:{self.line}:{self.column}"
