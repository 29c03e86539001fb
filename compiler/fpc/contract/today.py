"""The date by which deprecations are judged: the one place where a check asks for the time.

A build that is to give the same answer tomorrow sets `FPC_TODAY=2026-11-22`, or says `fpc check --today`. Otherwise
it is the date of the default target's frozen clock, as for everything else of that target, else today's in UTC.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Final

VARIABLE: Final = "FPC_TODAY"


def today(frozen: str = "") -> str:
    """The date (ISO) by which to judge; `frozen` is that of a frozen clock.

    A variable that holds no date is as none: the command line says so where it is given there.
    """
    try:
        return date.fromisoformat(os.environ.get(VARIABLE, "")).isoformat()
    except ValueError:
        return frozen or datetime.now(UTC).date().isoformat()


@contextmanager
def judged_by(day: date | None) -> Iterator[None]:
    """Within the block it is that day; None changes nothing."""
    before = os.environ.get(VARIABLE)
    if day is not None:
        os.environ[VARIABLE] = day.isoformat()
    try:
        yield
    finally:
        if day is not None:
            os.environ.pop(VARIABLE)
            os.environ.update({} if before is None else {VARIABLE: before})
