"""Turns a lowered query into the text of a dbt model: placeholders become Jinja, everything else becomes inert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from fpc.emit.dbt.names import checked
from fpc.emit.inert import inert
from fpc.sql.text import render

# Literals, quoted names and comments are passed over, so that a placeholder in a user's string stays a string.
# Each alternative begins with a sign of its own, not with \b: by these the search leaps over most of a text.
_TOKEN: Final = re.compile(
    r"""(?P<opaque> '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ )
      | __(?<!\w__)(?: ref__(?P<ref>\w+) | source__(?P<source>\w+) | (?P<set>as_of|since|this)__\b )
    """,
    re.VERBOSE | re.DOTALL,
)


def dbt_sql(query: exp.Expr, sources: Mapping[str, str], variables: frozenset[str] = frozenset()) -> str:
    """The query as dbt SQL.

    `__ref__x` becomes `{{ ref('x') }}`; `__source__x` the source table x of the dbt source `sources[x]`; `__x__` the
    Jinja variable x, for those of `as_of`, `since` and `this` that the model has.
    """

    def jinja(match: re.Match[str]) -> str:
        if match["ref"]:
            return f"{{{{ ref('{checked(match['ref'])}') }}}}"
        if match["source"]:
            name = checked(match["source"])
            return f"{{{{ source('{checked(sources[name])}', '{name}') }}}}"
        if match["set"] in variables:
            return f"{{{{ {match['set']} }}}}"
        return inert(match[0])

    text, pieces, end = render(query), [], 0
    for match in _TOKEN.finditer(text):
        pieces += [inert(text[end : match.start()]), jinja(match)]
        end = match.end()
    return "".join([*pieces, inert(text[end:])]).rstrip() + "\n"
