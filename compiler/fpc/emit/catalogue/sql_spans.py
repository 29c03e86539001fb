"""SQL with its words marked for colouring: the text as it is, escaped, in spans of five classes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from fpc.emit.catalogue.plain_text import seen

_TOKEN: Final = re.compile(
    r"""(?P<c> --[^\n]* | /\*.*?\*/ )
      | (?P<s> '(?:[^']|'')*' )
      | (?P<q> "(?:[^"]|"")*" )
      | (?P<n> (?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b )
      | (?P<w> [A-Za-z_]\w* )(?P<call>\()?
    """,
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS: Final = frozenset({
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "cross", "desc", "distinct", "else", "end",
    "exclude", "exists", "false", "filter", "from", "full", "group", "having", "ilike", "in", "inner", "interval",
    "is", "join", "lateral", "left", "like", "limit", "not", "null", "offset", "on", "or", "order", "outer", "over",
    "partition", "qualify", "replace", "right", "select", "then", "true", "try_cast", "union", "using", "values",
    "when", "where", "window", "with", "within",
})  # fmt: skip


@lru_cache(maxsize=4096)
def highlighted(sql: str) -> Markup:
    """The SQL as HTML: comments, strings, numbers, keywords and functions in spans `c`, `s`, `n`, `k` and `f`.

    >>> str(highlighted("SUM(a) < 1"))
    '<span class="f">SUM</span>(a) &lt; <span class="n">1</span>'
    """
    sql, pieces, end = seen(sql), [], 0
    for found in _TOKEN.finditer(sql):
        kind = found.lastgroup
        text = found[0] if kind != "call" else found["w"]
        if kind in ("w", "call"):
            kind = "k" if text.lower() in _KEYWORDS else "f" if kind == "call" else None
        if kind is None or kind == "q":
            continue
        pieces.append(escape(sql[end : found.start()]))
        pieces.append(Markup('<span class="%s">%s</span>') % (kind, text))
        end = found.start() + len(text)
    pieces.append(escape(sql[end:]))
    return Markup("").join(pieces)
