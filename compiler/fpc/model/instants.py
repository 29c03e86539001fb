"""Instants as specs write them: ISO 8601, read as UTC where no zone is given."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)


def parse_instant(text: str) -> int:
    """Microseconds since 1970-01-01T00:00Z; raises `ValueError` for what is no date or time.

    >>> parse_instant("1970-01-02")
    86400000000
    >>> parse_instant("1970-01-01T01:00:00+01:00")
    0
    """
    if _INSTANT.fullmatch(text) is None:
        raise ValueError("not a date or time such as 2024-03-08 or 2024-03-08T12:00:00Z")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_date(text: str) -> str:
    """An ISO date as it is; raises `ValueError` for what is none."""
    if _DATE.fullmatch(text) is None:
        raise ValueError("not a date such as 2024-03-08")
    return datetime.fromisoformat(text).date().isoformat()
