# fmt: off
"""The naive oracle: what semantics.md says, in its own words, by plain loops over rows; nothing of fpc is imported."""
import math
import statistics as st
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

Row = dict[str, Any]

class Event(NamedTuple):
    e: Any  # event time in microseconds, or None
    k: Any  # known time
    row: Row

class Call(NamedTuple):
    """One aggregate: its name in a matrix, its argument and FILTER as Python over a row, and its constant."""
    function: str
    argument: Callable[[Row], Any]
    filter: Callable[[Row], bool | None] = lambda row: True
    parameter: float = 0

class Feature(NamedTuple):
    """Python over the calls' values and the instant, for a window (length None: a lifetime)."""
    calls: tuple[Call, ...]
    finish: Callable[[Sequence[Any], int], Any]
    length: int | None
    offset: int = 0
    default: Any = None

class View(NamedTuple):
    keys: tuple[str, ...]  # the source's columns that hold the entity's keys
    columns: tuple[str, ...]  # all the source's columns, in the order of their declaration
    unique_key: tuple[str, ...] = ()
    closed: str = "left"
    where: Callable[[Row], bool | None] = lambda row: True

def percentile(v: list[Any], p: float) -> float:
    ordered, place = sorted(float(x) for x in v), p * (len(v) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))

def top(v: list[Any], k: float) -> list[Any]:
    return [x for x, _ in sorted(Counter(v).items(), key=lambda item: (-item[1], item[0]))[: int(k)]]

def spread(measure: Callable[[list[Fraction]], Fraction], v: list[Any], least: int) -> float | None:
    return float(measure([Fraction(x) for x in v])) if len(v) >= least else None
OF_VALUES: dict[str, Callable[[list[Any], float], Any]] = {  # of at least one value, the oldest first
    "sum": lambda v, _: math.fsum(v) if isinstance(v[0], float) else sum(v),
    "avg": lambda v, _: float(st.mean(map(Fraction, v))), "min": lambda v, _: min(v), "max": lambda v, _: max(v),
    "variance": lambda v, _: spread(st.variance, v, 2), "var_pop": lambda v, _: spread(st.pvariance, v, 1),
    "stddev": lambda v, _: None if len(v) < 2 else math.sqrt(spread(st.variance, v, 2) or 0),
    "stddev_pop": lambda v, _: math.sqrt(spread(st.pvariance, v, 1) or 0),
    "median": lambda v, _: percentile(v, 0.5), "percentile": percentile, "approx_percentile": percentile,
    "first": lambda v, _: v[0], "last": lambda v, _: v[-1], "first_k": lambda v, k: v[: int(k)],
    "last_k": lambda v, k: v[::-1][: int(k)], "mode": lambda v, _: top(v, 1)[0], "top_k": top,
    "any": lambda v, _: any(v), "all": lambda v, _: all(v),
}
COUNTS: dict[str, Callable[[list[Any]], int]] = {
    "count": len, "count_distinct": lambda v: len(set(v)), "approx_count_distinct": lambda v: len(set(v)),
}

def aggregate(call: Call, events: list[Any]) -> Any:
    found = [(e, k, call.argument(row)) for e, k, row in events if call.filter(row)]
    values = [x for _, _, x in sorted(f for f in found if f[2] is not None)]  # nulls are skipped; by (e, k, value)
    if call.function in COUNTS:
        return COUNTS[call.function](values)
    return OF_VALUES[call.function](values, call.parameter) if values else None

def versions(events: Sequence[Event], view: View, t: int) -> list[Any]:
    """The events known at t, each in the version that counts then; refused rows never."""
    newest: dict[Any, tuple[Any, Event]] = {}
    for number, event in enumerate(events):
        e, k, row = event
        identity = tuple(row[c] for c in view.unique_key) or (number, "an event of its own")
        refused = None in (e, k, *identity) or k < e
        if not refused and (k < t or (k == t and view.closed != "left")):
            rank = (k, e, *((row[c] is not None, row[c]) for c in view.columns))
            if identity not in newest or rank > newest[identity][0]:
                newest[identity] = (rank, event)
    return [event for _, event in newest.values()]

def value(feature: Feature, view: View, events: Sequence[Event], entity: tuple[Any, ...], t: int) -> Any:
    """The feature's value for an entity (the parts of its key) at instant t, `exact`."""
    end, rows = t - feature.offset, []
    start = -math.inf if feature.length is None else end - feature.length
    for event in versions(events, view, t):
        parts = tuple(event.row[c] for c in view.keys)
        after = start < event.e if view.closed == "right" else start <= event.e
        before = event.e < end if view.closed == "left" else event.e <= end
        if None not in parts and parts == entity and view.where(event.row) and after and before:
            rows.append(event)
    answer = feature.finish([aggregate(call, rows) for call in feature.calls], t)
    return feature.default if answer is None else answer

def served_instant(t: int, grid: Sequence[int], delay: int, ttl: int | None) -> int | None:
    """The grid point whose values the online store answers with at t; None when they have expired by then."""
    g = max(point for point in grid if point + delay <= t)
    return None if ttl is not None and t - g > ttl else g
