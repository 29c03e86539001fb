"""Names and texts put safely into SQL at run time; the compiler builds trees instead."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as a quoted identifier.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
