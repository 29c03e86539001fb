"""Makes text of a spec inert in files that dbt renders with Jinja.

dbt renders model files (comments included), descriptions, meta, owners and test arguments. A brace that would open
a tag is therefore printed as an expression that yields a brace: rendered once, the text is what the user wrote.
"""

from __future__ import annotations

import functools
import re
import textwrap
import unicodedata
from typing import Final

_TAG_OPENING: Final = re.compile(r"\{(?=[{%#])")
_WIDTH: Final = 77


def inert(text: str) -> str:
    """Escape every brace that would open a Jinja tag; text without such braces comes back unchanged.

    >>> inert("{{ env_var('HOME') }} costs {5}")
    "{{ '{' }}{ env_var('HOME') }} costs {5}"
    """
    return _TAG_OPENING.sub("{{ '{' }}", text) if "{" in text else text


def one_line(text: str) -> str:
    """The text in one line: white space runs become one space, control and direction characters disappear."""
    if not text.isprintable():
        text = "".join(" " if character.isspace() else character for character in text)
        text = "".join(character for character in text if not is_unprintable(character))
    return " ".join(text.split())


def is_unprintable(character: str) -> bool:
    """Whether a character is a control, a format (such as a change of direction), a separator or a surrogate."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@functools.lru_cache(maxsize=4096)
def comment(label: str, text: str) -> tuple[str, ...]:
    """SQL comment lines `-- label: text`, wrapped and inert; no text can end the comment or open a tag."""
    line = f"{label}: {one_line(text)}"
    wraps = len(line) > _WIDTH
    lines = textwrap.wrap(line, _WIDTH, subsequent_indent="    ", break_long_words=False) if wraps else [line]
    return tuple(f"-- {inert(line)}" for line in lines)
