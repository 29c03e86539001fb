"""Rows of text in aligned columns."""

from __future__ import annotations

from collections.abc import Sequence

from fpc.diagnostics.cells import cells
from fpc.diagnostics.neutral import neutralise


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns two spaces apart under their names; the text of every cell is neutralised.

    >>> print(table(("name", "value"), [("a", "1"), ("long", "22")]), end="")
    name  value
    a     1
    long  22
    """
    lines = [[neutralise(cell) for cell in row] for row in (header, *rows)]
    widths = [max(cells(line[column]) for line in lines) for column in range(len(header))]
    text = ""
    for line in lines:
        padded = (cell + " " * (width - cells(cell)) for cell, width in zip(line, widths, strict=True))
        text += "  ".join(padded).rstrip() + "\n"
    return text
