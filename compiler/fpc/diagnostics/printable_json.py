"""JSON that is safe to print: ASCII, and without anything that a terminal or a CI log acts on."""

from __future__ import annotations

import json
import re
from typing import Final

_LOG_COMMAND: Final = re.compile(r"##(?=[A-Za-z]*\[)")


def printable_json(value: object) -> str:
    r"""Indented JSON, one line end at its end, every character outside printable ASCII escaped.

    >>> printable_json({"a": "\x7f ##[x]"})
    '{\n  "a": "\\u007f #\\u0023[x]"\n}\n'
    """
    text = json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")
    return _LOG_COMMAND.sub(r"#\\u0023", text) + "\n"
