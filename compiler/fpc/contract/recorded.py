"""What refreshes left behind for readers who never open the warehouse: statistics of values, and how they ended.

Numbers about many rows, and no row: see `ValueStatistics.values` for the one place where a value of the data stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: The shares at which quantiles are taken.
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
#: How many bins a distribution has at most.
BINS: Final = 24


@dataclass(frozen=True, slots=True)
class ValueStatistics:
    """One feature's values over the rows that were counted; empty where there is no value, or nothing to count.

    `measure` says what the numbers are of: `number`, `instant` (seconds since the epoch), `length` (items of a list),
    or `text`. Numbers have `mean`, `quantiles` (at `QUANTILES`) and `bins`, at most `BINS`: counts in equal parts of
    what is between `low` and `high`, about the first and last hundredth, with the values beyond in the outermost parts.
    Texts and booleans have `values`, the most frequent first: only of features with few different values, and only
    values that many entities share. All others are counted in `others`.
    """

    nulls: int
    measure: str
    mean: float | None = None
    quantiles: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    bins: tuple[int, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class ViewStatistics:
    """A view's rows as of one instant: all `rows`, of which `counted` were looked at, chosen by their keys' hashes."""

    as_of_us: int
    version: int
    fingerprint: str
    rows: int
    counted: int
    features: Mapping[str, ValueStatistics]


@dataclass(frozen=True, slots=True)
class PastValues:
    """What is kept of `ValueStatistics` of the past: the share of nulls (0 to 1), and the quantiles."""

    null_share: float
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PastStatistics:
    """What is kept of `ViewStatistics` of the past."""

    as_of_us: int
    version: int
    fingerprint: str
    rows: int
    features: Mapping[str, PastValues]


@dataclass(frozen=True, slots=True)
class PastRefresh:
    """One refresh of a view that ended: by the wall clock at `ended_us`; `why` it published nothing, else empty."""

    as_of_us: int
    ended_us: int
    outcome: str
    rows: int
    pushed: int
    removed: int
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class PastDefinition:
    """One definition of a view that was published: its owners in their order, first and last instants of its rows."""

    version: int
    fingerprint: str
    owners: tuple[str, ...]
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class ViewRecords:
    """What is recorded of one view: its newest statistics, those of the past (oldest first), its last refreshes
    (newest first), and its published definitions as far as the registry's history has them, in whatever order.
    """

    statistics: ViewStatistics | None = None
    past: tuple[PastStatistics, ...] = ()
    refreshes: tuple[PastRefresh, ...] = field(default=())
    definitions: tuple[PastDefinition, ...] = ()
