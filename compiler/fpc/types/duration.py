"""Durations: whole numbers of microseconds, written as `7d` or `1h`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_TEXT: Final = re.compile(r"([1-9][0-9]{0,8}|0)([smhdw])")
# A window reaches back at most a hundred years, so that every edge is a timestamp that all engines can hold.
LONGEST_MICROSECONDS: Final = 36_525 * _UNITS["d"]


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time in whole microseconds; never negative, never calendar-dependent (a day is 24 hours).

    >>> Duration.parse("90m").microseconds
    5400000000
    >>> str(Duration.parse("24h"))
    '1d'
    """

    microseconds: int

    @staticmethod
    def parse(text: str) -> Duration:
        """Read `30s`, `5m`, `1h`, `7d` or `2w`; raises `ValueError` for anything else, or above a hundred years."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("not a whole number of s, m, h, d or w")
        microseconds = int(match[1]) * _UNITS[match[2]]
        if microseconds > LONGEST_MICROSECONDS:
            raise ValueError("longer than a hundred years")
        return Duration(microseconds)

    def __str__(self) -> str:
        """The shortest spelling in the largest unit that divides it, weeks apart: `7d`, never `1w`."""
        for unit in ("d", "h", "m"):
            if self.microseconds and self.microseconds % _UNITS[unit] == 0:
                return f"{self.microseconds // _UNITS[unit]}{unit}"
        return f"{self.microseconds // _UNITS['s']}s"
