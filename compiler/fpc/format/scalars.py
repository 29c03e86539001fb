"""How one scalar is written: plain where that reads as the same text, otherwise in double quotes."""

from __future__ import annotations

import json
import re
from typing import Final

from fpc.spec.core_schema import plain_value

#: What YAML 1.1, which other tools read, takes for something else than text: `no`, `1:30`, `2024-01-01`.
_OTHER_IN_YAML_1_1: Final = re.compile(
    r"(?:y|n|yes|no|on|off|~|null|true|false|=|<<|[-+]?[0-9][0-9_:.eE+-]*|\.(?:inf|nan)|\d{4}-\d\d?-\d\d?.*)",
    re.IGNORECASE,
)
_FIRST_SIGNS: Final = frozenset("-?:,[]{}#&*!|>'\"%@`")


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether a text can stand without quotes, on one line, and is still that text.

    >>> [is_plain(text, flow=True) for text in ("SUM(x)", "COUNT(*)", "*", "a, b", "a: b", "no", "12")]
    [True, True, False, False, False, False, False]
    """
    if not text or text != text.strip() or not text.isprintable():
        return False
    if text[0] in _FIRST_SIGNS or text.startswith(("---", "...")):
        return False
    if ": " in text or " #" in text or text.endswith(":"):
        return False
    if flow and any(sign in text for sign in ",[]{}"):
        return False
    return plain_value(text) == text and _OTHER_IN_YAML_1_1.fullmatch(text) is None


def quoted(text: str) -> str:
    """A text on one line in double quotes.

    >>> print(quoted('say "no"'))
    "say \\"no\\""
    """
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped)


def written(text: str, *, flow: bool) -> str:
    """A text as shortly as YAML allows."""
    return text if is_plain(text, flow=flow) else quoted(text)
