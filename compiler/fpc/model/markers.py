"""Template markers in SQL, which is data here and never rendered."""

from __future__ import annotations

import re
from typing import Final

_MARKER: Final = re.compile(r"'(?:[^']|'')*'|(\{[{%#])")


def find_marker(sql: str) -> tuple[str, int] | None:
    """The first `{{`, `{%` or `{#` outside a text in quotes, and where it stands; None where there is none.

    >>> find_marker("status = '{{ x }}' AND {% y")
    ('{%', 23)
    """
    return next(((found[1], found.start()) for found in _MARKER.finditer(sql) if found[1]), None)
