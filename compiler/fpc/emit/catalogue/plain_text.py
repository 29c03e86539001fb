"""Text of specs and data as it is shown on a page: every character seen, none of them at work."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup, escape

from fpc.diagnostics.neutral import spell

_LINES: Final = frozenset("\n\t")


def seen(text: str) -> str:
    r"""The text with controls, direction marks and lone surrogates spelled out; lines and tabs stay.

    Escaping for HTML is left to the templates.

    >>> seen("a\u202eb\x00\n")
    'a\\u{202e}b\\u{0}\n'
    """
    if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(each if each.isprintable() or each in _LINES else spell(each) for each in text)


def breakable(name: str) -> Markup:
    """A name that may be broken behind its underscores, dots and dashes, as HTML.

    >>> str(breakable("orders_7d"))
    'orders_<wbr>7d'
    """
    text = str(escape(seen(name)))
    for mark in "_./-":
        text = text.replace(mark, f"{mark}<wbr>")
    return Markup(text)
