"""Prints YAML with every string quoted, so that no text is ever read as anything but itself."""

from __future__ import annotations

import functools
import json
import re
from typing import Final

#: What can be printed. A mapping's keys are plain words where YAML reads them as such, else quoted.
Yaml = None | bool | int | float | str | list["Yaml"] | dict[str, "Yaml"]

_PLAIN_KEY: Final = re.compile(r"\+?[a-z_][a-z0-9_-]*")
# Words that some YAML version reads as a boolean or null.
_NOT_PLAIN: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def dump(document: dict[str, Yaml]) -> str:
    r"""The document as block YAML, keys in the order given, lists and mappings of a list on lines of their own.

    >>> print(dump({"models": [{"name": "a", "tags": []}], "on": "no"}), end="")
    models:
      - name: "a"
        tags: []
    "on": "no"
    """
    lines: list[str] = []
    _mapping(document, "", lines)
    return "\n".join([*lines, ""])


@functools.lru_cache(maxsize=65536)
def quoted(text: str) -> str:
    """The text as a double-quoted scalar that YAML 1.1, YAML 1.2 and people read alike."""
    literal = json.dumps(text, ensure_ascii=False)
    if literal.isprintable():
        return literal
    return "".join(character if character.isprintable() else _escaped(character) for character in literal)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@functools.lru_cache(maxsize=1024)
def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key not in _NOT_PLAIN else quoted(key)


def _mapping(value: dict[str, Yaml], indent: str, lines: list[str]) -> None:
    for key, item in value.items():
        opening = f"{indent}{_key(key)}:"
        if isinstance(item, str):
            lines.append(f"{opening} {quoted(item)}")
        elif isinstance(item, dict) and item:
            lines.append(opening)
            _mapping(item, f"{indent}  ", lines)
        elif isinstance(item, list) and any(isinstance(element, dict | list) for element in item):
            lines.append(opening)
            for element in item:
                _element(element, f"{indent}  ", lines)
        else:
            lines.append(f"{opening} {_scalar(item)}")


def _element(value: Yaml, indent: str, lines: list[str]) -> None:
    if isinstance(value, dict) and value:
        first = len(lines)
        _mapping(value, f"{indent}  ", lines)
        lines[first] = f"{indent}- {lines[first].lstrip()}"
    else:
        lines.append(f"{indent}- {_scalar(value)}")


def _scalar(value: Yaml) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(key)}: {_scalar(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_scalar(item) for item in value)}]"
    if isinstance(value, float):
        # YAML 1.1 wants a point and a signed exponent; repr gives 1e+20 without the point.
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return json.dumps(value)
