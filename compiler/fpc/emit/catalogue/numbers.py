"""Numbers and instants as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def count(number: int) -> str:
    """A count with its thousands set apart: `1,234`."""
    return f"{number:,}"


def figure(number: float) -> str:
    """A number in about four digits: `0.0953`, `12.5`, `1,480`, `6.02e+23`.

    >>> [figure(each) for each in (0.0, 0.09529, 12.5, 1480.49, 6.02e23, -3.0)]
    ['0', '0.0953', '12.5', '1,480', '6.02e+23', '-3']
    """
    size = abs(number)
    if size and (size >= 1e12 or size < 1e-4):
        return f"{number:.3g}"
    digits = 0 if size >= 1000 else 3 - (math.floor(math.log10(size)) if size else 0)
    text = f"{number:,.{max(0, min(6, digits - (size < 1)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(part: float) -> str:
    """A share as a percentage: `12.5%`, and `<0.1%` for what would look like none."""
    percent = 100 * part
    if 0 < percent < 0.1:
        return "<0.1%"
    return f"{percent:.1f}".removesuffix(".0") + "%"


def instant(microseconds: int) -> str:
    """An instant as `2024-03-08 12:00Z`, with seconds where they are not zero."""
    at = _EPOCH + timedelta(microseconds=microseconds)
    return at.strftime("%Y-%m-%d %H:%MZ" if at.second == 0 else "%Y-%m-%d %H:%M:%SZ")


def machine_instant(microseconds: int) -> str:
    """The same for programs: `2024-03-08T12:00:00Z`."""
    return (_EPOCH + timedelta(microseconds=microseconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
