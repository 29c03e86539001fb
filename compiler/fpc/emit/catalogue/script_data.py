"""Data for the site's scripts: JSON that is safe within a page, and in a script of its own."""

from __future__ import annotations

import json
from typing import Final

from markupsafe import Markup

_UNSAFE: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def script_json(value: object) -> Markup:
    """The value as JSON in ASCII without a character that means something to HTML.

    >>> str(script_json("</script>"))
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character, spelled in _UNSAFE.items():
        text = text.replace(character, spelled)
    return Markup(text)


def script_file(name: str, value: object) -> str:
    """A script that hands a value to whoever has asked for it: pages that are opened from a file cannot fetch JSON."""
    return f'fpcCatalogue.receive("{name}", {script_json(value)});\n'
