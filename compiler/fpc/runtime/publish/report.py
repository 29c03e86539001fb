"""What a publication did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How a publication ended."""

    PUBLISHED = "published"  # rows were written or removed, and the watermark stands at the instant
    UNCHANGED = "unchanged"  # no row had changed; the watermark stands at the instant
    OLDER = "older"  # the store already holds, or is being given, a newer instant: nothing was done
    OVERTAKEN = "overtaken"  # a newer or an equal instant took over while this one was being written; it stands


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What one publication of one view did: rows pushed and removed, those left as they were, and whether readers
    were switched to this version. `reason` says in words why everything was pushed, nothing was, or no switch was made.
    """

    view: str
    version: str
    as_of_us: int
    outcome: Outcome
    pushed: int
    removed: int
    unchanged: int
    total: int
    seconds: float
    flipped: bool
    reason: str
