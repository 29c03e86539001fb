"""A dbt model's text as plain SQL of the same length, so that every place in it stays where it is.

What only names things or configures is put aside: `ref`, `source`, `config`, comments, and the condition by which an
incremental model reads its newest rows. Everything else of Jinja makes text that nobody can follow without running it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MARKER: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_REFERENCE: Final = re.compile(r"""\{\{-?\s*ref\(\s*['"](\w+)['"]\s*(?:,\s*v(?:ersion)?\s*=\s*\d+\s*)?\)\s*-?\}\}""")
_SOURCE: Final = re.compile(r"""\{\{-?\s*source\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)\s*-?\}\}""")
_CONFIG: Final = re.compile(r"\{\{-?\s*config\((.*?)\)\s*-?\}\}", re.DOTALL)
_INCREMENTAL: Final = re.compile(
    r"\{%-?\s*if\s+is_incremental\(\)\s*-?%\}((?!\{%-?\s*(?:if|else|elif)\b).)*?\{%-?\s*endif\s*-?%\}", re.DOTALL
)
_OVERWRITES: Final = re.compile(r"\bunique_key\s*=")


@dataclass(frozen=True, slots=True)
class PlainSql:
    """The SQL, and what of it was Jinja.

    `models` maps each name that stands for a `ref` to its model; `overwrites` is where the configuration says that
    rows are replaced by their key; `opaque` are places that no proof can pass. All are offsets, ends
    exclusive.
    """

    sql: str
    models: frozenset[str]
    overwrites: tuple[int, int] | None
    opaque: tuple[tuple[int, int], ...]


def plain_sql(text: str) -> PlainSql:
    """Put the Jinja aside.

    >>> plain_sql("select * from {{ ref('raw_orders') }}").sql
    'select * from raw_orders             '
    """
    models: set[str] = set()
    opaque: list[tuple[int, int]] = []
    overwrites: tuple[int, int] | None = None
    sql = _INCREMENTAL.sub(lambda found: _blank(found[0]), text)
    config = _CONFIG.search(sql)
    if config is not None:
        key = _OVERWRITES.search(config[1])
        if key is not None:
            overwrites = (config.start(1) + key.start(), config.start(1) + key.end() - 1)

    def put(found: re.Match[str]) -> str:
        marker = found[0]
        reference, source = _REFERENCE.fullmatch(marker), _SOURCE.fullmatch(marker)
        if reference is not None:
            models.add(reference[1])
            return _blank(marker, reference[1])
        if source is not None:
            return _blank(marker, f"{source[1]}.{source[2]}")
        if not marker.startswith("{#") and _CONFIG.fullmatch(marker) is None:
            opaque.append(found.span())
        return _blank(marker)

    return PlainSql(_MARKER.sub(put, sql), frozenset(models), overwrites, tuple(opaque))


def _blank(marker: str, name: str = "") -> str:
    """White space as long as the marker, with its line breaks, behind a name that takes part of it."""
    rest = marker[len(name) :]
    return name + re.sub(r"[^\r\n]", " ", rest)
