"""The date by which deprecations are judged: the one place where a check asks for the time.

A build that is to give the same answer tomorrow sets `FPC_TODAY=2026-11-22` (or `fpc check --today`). Otherwise it is
the date of the default target's frozen clock, as for everything else of that target, else today's in UTC."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Final

from fpc.model.nodes import Model

VARIABLE: Final = "FPC_TODAY"


def frozen_today(model: Model) -> str:
    """The date (ISO, UTC) of the default target's frozen clock; empty where it has none."""
    target = model.config.targets.get(model.config.default_target)
    return "" if target is None or target.as_of is None else target.as_of[:10]


def today(frozen: str) -> str:
    """The date (ISO) by which to judge. Raises `ValueError` for a variable that holds none."""
    given = os.environ.get(VARIABLE, "")
    if given:
        return date.fromisoformat(given).isoformat()
    return frozen or datetime.now(UTC).date().isoformat()
