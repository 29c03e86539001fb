"""What an aggregation is: one entry per function, from which every path takes its meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

from fpc.types.logical import LogicalType

#: The constants of a call: percentile(p), last_k(k) ...
Parameters = tuple[int | float, ...]


class Fold(Protocol):
    """The aggregation in plain Python, over one entity's window: the streaming path's and the documentation's twin.

    `update` is fed (value, event time, known time) in any order, times in microseconds; nulls are fed too, and a call
    without an argument (`COUNT(*)`) is fed `True`. `merge` takes over what another fold of the same call has seen.
    """

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Take one event in."""
        ...

    def merge(self, other: Self) -> None:
        """Take in all that `other` took in."""
        ...

    def finalise(self) -> object:
        """The value over everything taken in."""
        ...


@dataclass(frozen=True, slots=True)
class State:
    """One column of partial state: `update` is SQL over the row's `x`; `merge` names the aggregate that combines it.

    With `merge` SUM the neutral element is zero and `update` is never null, so that states add up (and, where the
    aggregation `subtracts`, subtract) without a null rule; with any other `merge`, null is neutral.
    """

    name: str
    update: str
    merge: str


def no_states(argument: LogicalType | None) -> tuple[State, ...]:
    """No mergeable state of bounded size: the function is computed from events."""
    return ()


def no_finaliser(argument: LogicalType | None) -> str | None:
    """No states, so nothing to make a value of."""
    return None


def never(argument: LogicalType | None) -> bool:
    """No value may be had by subtraction."""
    return False


def no_problem(parameters: Parameters) -> str | None:
    """Nothing is wrong with the constants, whatever they are."""
    return None


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One aggregation function.

    `name` is its word in a matrix; `spellings` its names inside `sql:`, upper case. It takes `arguments` scalar
    expressions (COUNT takes 0 or 1) and then `parameters` constants, of which `problem` says what is wrong with them,
    or None. `accepts` is asked for the argument's type; `result` is the value's type, which `direct` delivers exactly.

    `direct(argument)` is the whole function as base-dialect (DuckDB) SQL over the columns `x` (the argument),
    `event_at` and `known_at`, the constant `p` and the row condition `f`; its value depends on neither the order of
    rows nor the number of threads. `states(argument)` are mergeable partial states and `finalise(argument)` SQL over
    their names, which the caller casts to the result's type; none where no bounded state gives the value to the last
    digit that `direct` promises (median, mode, a deviation of floats), which is then planned from events.
    `subtracts(argument)` says whether a value may be had by subtracting one state from another without losing a digit.
    """

    name: str
    spellings: tuple[str, ...]
    summary: str
    accepts: Callable[[LogicalType], bool]
    result: Callable[[LogicalType | None], LogicalType]
    direct: Callable[[LogicalType | None], str]
    fold: Callable[[Parameters], Fold]
    arguments: tuple[int, ...] = (1,)
    parameters: int = 0
    problem: Callable[[Parameters], str | None] = no_problem
    states: Callable[[LogicalType | None], tuple[State, ...]] = no_states
    finalise: Callable[[LogicalType | None], str | None] = no_finaliser
    subtracts: Callable[[LogicalType | None], bool] = never
