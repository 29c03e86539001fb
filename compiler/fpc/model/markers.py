"""Template markers in SQL, which is data here and never rendered."""

from __future__ import annotations

import re
from typing import Final

_MARKER: Final = re.compile(r"\{[{%#]")
#: A text in quotes; or, in the group, whatever else may hold a marker: comments and quoted names as wholes.
_PART: Final = re.compile(r"""'(?:[^']|'')*'|(--[^\n]*|/\*(?s:.*?)\*/|"[^"]*"|\{[{%#])""")


def find_marker(sql: str) -> tuple[str, int] | None:
    """The first `{{`, `{%` or `{#` outside a text in quotes, and where it stands; None where there is none.

    >>> find_marker("status = '{{ x }}' AND {% y")
    ('{%', 23)
    >>> find_marker("a -- it's {{ x }}")
    ('{{', 10)
    """
    if _MARKER.search(sql) is None:
        return None
    for part in _PART.finditer(sql):
        marker = None if part[1] is None else _MARKER.search(part[1])
        if marker is not None:
            return marker[0], part.start() + marker.start()
    return None
