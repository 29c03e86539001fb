"""A dbt model's text as plain SQL of the same length, so that every place in it stays where it is.

What only names things or configures is put aside: `ref`, `source`, `config`, comments, and the condition by which an
incremental model reads its newest rows. Everything else of Jinja makes text that nobody can follow without running it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fpc.spec.upstream import REFERENCE, reference_name

_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)
_MARKER: Final = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: What stands as the schema of a model that is named by `ref`: no query of WITH and no table can hide it.
MODELS: Final = "__ref"

_SOURCE: Final = re.compile(r"""\{\{-?\s*source\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)\s*-?\}\}""")
_CONFIG: Final = re.compile(r"\{\{-?\s*config\((.*?)\)\s*-?\}\}", re.DOTALL)
_INCREMENTAL: Final = re.compile(
    r"\{%-?\s*if\s+is_incremental\(\)\s*-?%\}\s*(?:where|and)\b((?!\{%).)*?\{%-?\s*endif\s*-?%\}",
    re.DOTALL | re.IGNORECASE,
)
_OVERWRITES: Final = re.compile(r"""\bunique_key['"]?\s*[=:]""")


@dataclass(frozen=True, slots=True)
class PlainSql:
    """The SQL, and what of it was Jinja.

    `overwrites` is where the configuration says that rows are replaced by their key; `opaque` are places that no proof
    can pass. All are offsets, ends exclusive.
    """

    sql: str
    overwrites: tuple[int, int] | None
    opaque: tuple[tuple[int, int], ...]


def plain_sql(text: str) -> PlainSql:
    """Put the Jinja aside.

    >>> plain_sql("select * from {{ ref('raw_orders') }}").sql
    'select * from __ref.raw_orders       '
    """
    opaque: list[tuple[int, int]] = []
    sql = _COMMENT.sub(lambda found: _blank(found[0]), text)
    sql = _INCREMENTAL.sub(lambda found: _blank(found[0]), sql)
    keys = [(config.start(1), key) for config in _CONFIG.finditer(sql) for key in _OVERWRITES.finditer(config[1])]
    overwrites = next(((start + key.start(), start + key.end() - 1) for start, key in keys), None)

    def put(found: re.Match[str]) -> str:
        marker = found[0]
        reference, source = REFERENCE.fullmatch(marker), _SOURCE.fullmatch(marker)
        if reference is not None:
            return _blank(marker, f"{MODELS}.{reference_name(reference)}")
        if source is not None:
            return _blank(marker, f"{source[1]}.{source[2]}")
        if _CONFIG.fullmatch(marker) is None:
            opaque.append(found.span())
        return _blank(marker)

    return PlainSql(_MARKER.sub(put, sql), overwrites, tuple(opaque))


def _blank(marker: str, name: str = "") -> str:
    """White space as long as the marker, with its line breaks, behind a name that takes part of it."""
    rest = marker[len(name) :]
    return name + re.sub(r"[^\r\n]", " ", rest)
