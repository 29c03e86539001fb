"""SQL with its words marked for colouring: the text as it is, escaped, in spans of five classes."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from fpc.emit.catalogue.plain_text import seen

_KEYWORDS: Final = (
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "cross", "desc", "distinct", "else", "end",
    "exclude", "exists", "false", "filter", "from", "full", "group", "having", "ilike", "in", "inner", "interval",
    "is", "join", "lateral", "left", "like", "limit", "not", "null", "offset", "on", "or", "order", "outer", "over",
    "partition", "qualify", "replace", "right", "select", "then", "true", "try_cast", "union", "using", "values",
    "when", "where", "window", "with", "within",
)  # fmt: skip
_TOKEN: Final = re.compile(
    rf"""(?P<c> --[^\n]* | /\*.*?\*/ )
      | (?P<s> '(?:[^']|'')*' )
      | (?P<q> "(?:[^"]|"")*" )
      | (?P<k> \b(?:{"|".join(_KEYWORDS)})\b )
      | (?P<f> \b[a-z_]\w*(?=\() )
      | (?P<n> (?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?\b )
      | (?P<e> [<>&] )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def highlighted(sql: str) -> Markup:
    """The SQL as HTML: comments, strings, numbers, keywords and functions in spans `c`, `s`, `n`, `k` and `f`.

    >>> str(highlighted("SUM(a) < 1"))
    '<span class="f">SUM</span>(a) &lt; <span class="n">1</span>'
    """
    return Markup(_TOKEN.sub(_span, seen(sql)))


def _span(found: re.Match[str]) -> str:
    """A token's HTML. What is no token needs no escaping: a character that would is a token of its own."""
    text, kind = html.escape(found[0]), found.lastgroup
    return text if kind in ("q", "e") else f'<span class="{kind}">{text}</span>'
