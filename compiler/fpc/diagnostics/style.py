"""Colours of a terminal, or none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Wraps words in escape sequences when `colour` is set; gives them back untouched otherwise."""

    colour: bool

    def strong(self, text: str) -> str:
        """The message."""
        return self._wrap("1", text)

    def error(self, text: str) -> str:
        """What is wrong."""
        return self._wrap("1;31", text)

    def warning(self, text: str) -> str:
        """What may be wrong."""
        return self._wrap("1;33", text)

    def good(self, text: str) -> str:
        """What went well."""
        return self._wrap("1;32", text)

    def frame(self, text: str) -> str:
        """Gutters and arrows."""
        return self._wrap("1;34", text)

    def _wrap(self, sequence: str, text: str) -> str:
        return f"\x1b[{sequence}m{text}\x1b[0m" if self.colour and text else text
