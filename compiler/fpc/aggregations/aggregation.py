"""What an aggregation is: one entry per function, from which every path takes its meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fpc.types.logical import LogicalType


class Fold(Protocol):
    """The aggregation in plain Python, over one entity's window: the streaming path's and the documentation's twin.

    `update` is fed (value, event time, known time) in any order, times in microseconds; nulls are fed too.
    """

    def update(self, value: object, event_time: int, known_time: int) -> None: ...

    def merge(self, other: Fold) -> None: ...

    def finalise(self) -> object: ...


@dataclass(frozen=True, slots=True)
class State:
    """One column of partial state: `update` is SQL over the row's `x`, summed, minimised, ... by `merge`."""

    name: str
    update: str
    merge: str


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One aggregation function.

    `name` is its word in a matrix; `spellings` its names inside `sql:`, upper case. It takes `arguments` scalar
    expressions (COUNT takes 0 or 1) and then `parameters` constants. `direct` is the whole function as base-dialect
    (DuckDB) SQL over the columns `x` (the argument), `event_at` and `known_at`, and over `p` (the constant).
    `states` are mergeable partial states and `finalise` SQL over their names; both empty where there is no bounded
    mergeable state (median, mode), which is then planned from events. `subtracts` says for which argument types a
    value may be had by subtracting one state from another without losing a digit.
    """

    name: str
    spellings: tuple[str, ...]
    summary: str
    arguments: tuple[int, ...]
    parameters: int
    accepts: Callable[[LogicalType], bool]
    result: Callable[[LogicalType | None], LogicalType]
    direct: str
    states: tuple[State, ...]
    finalise: str | None
    subtracts: Callable[[LogicalType | None], bool]
    fold: Callable[[tuple[int | float, ...]], Fold]
