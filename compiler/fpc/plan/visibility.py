"""When an event counts: the one formula from which every path takes its window edges.

For a window of length w shifted by o, an event with event time e, known time k and next version's known time s
counts at instant t iff `visible_from <= t < visible_until`, in whole microseconds:

    left   max(k + 1, e + o + 1)     min(e + o + w + 1, s + 1)
    right  max(k,     e + o)         min(e + o + w,     s)
    both   max(k,     e + o)         min(e + o + w + 1, s)

Without a length (lifetime) or a next version the term is infinite. An event whose interval is empty never counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.model.nodes import Closed, Window
from fpc.types.duration import Duration

_UNITS: Final = (
    ("DAYS", 86_400_000_000),
    ("HOURS", 3_600_000_000),
    ("MINUTES", 60_000_000),
    ("SECONDS", 1_000_000),
    ("MICROSECONDS", 1),
)


@dataclass(frozen=True, slots=True)
class Edges:
    """A window's edges: it reaches back `reach` microseconds (None: for ever) up to `offset` before the instant.

    `start_closed` and `end_closed` say whether an event exactly on the edge is in.

    >>> from fpc.types.duration import Duration
    >>> edges_of(Window(Duration(100)), Closed.LEFT).interval(event=7, known=9, superseded=None)
    (10, 108)
    """

    offset: int
    reach: int | None
    start_closed: bool
    end_closed: bool

    @property
    def known_shift(self) -> int:
        """What is added to the known time: an event counts from the microsecond after it, or from itself."""
        return 0 if self.end_closed else 1

    @property
    def start_shift(self) -> int:
        """What is added to the event time to get the first instant at which the event is old enough."""
        return self.offset + self.known_shift

    @property
    def end_shift(self) -> int | None:
        """What is added to the event time to get the first instant at which it is too old; None for a lifetime."""
        return None if self.reach is None else self.reach + self.start_closed

    def interval(self, event: int, known: int, superseded: int | None) -> tuple[int, int | None]:
        """`visible_from` and `visible_until` (None: for ever) of one event; empty when from >= until."""
        ends = [] if superseded is None else [superseded + self.known_shift]
        if self.end_shift is not None:
            ends.append(event + self.end_shift)
        return max(known + self.known_shift, event + self.start_shift), min(ends, default=None)

    def visible_from(self, event: exp.Expr, known: exp.Expr | None) -> exp.Expr:
        """SQL of `visible_from` over microseconds; `known` None says that it is the event time itself."""
        by_event = _plus(event, self.start_shift)
        return (
            by_event
            if known is None
            else exp.Greatest(this=_plus(known, self.known_shift), expressions=[by_event], ignore_nulls=True)
        )

    def visible_until(self, event: exp.Expr, superseded: exp.Expr | None) -> exp.Expr | None:
        """SQL of `visible_until` over microseconds; None where nothing ever ends it.

        `superseded` None says that there are no versions. The SQL is null where a lifetime has no later version.
        """
        by_version = None if superseded is None else _plus(superseded, self.known_shift)
        if self.end_shift is None:
            return by_version
        by_event = _plus(event, self.end_shift)
        # DuckDB's LEAST passes over nulls: an event without a later version ends with its window.
        return by_event if by_version is None else exp.Least(this=by_event, expressions=[by_version], ignore_nulls=True)

    def after_start(self, event: exp.Expr, as_of: exp.Expr) -> exp.Expr | None:
        """SQL over timestamps: the event is not too old; None for a lifetime."""
        if self.reach is None:
            return None
        compare = exp.GTE if self.start_closed else exp.GT
        return compare(this=event.copy(), expression=before(as_of, Duration(self.reach)))

    def before_end(self, event: exp.Expr, as_of: exp.Expr) -> exp.Expr:
        """SQL over timestamps: the event is old enough."""
        compare = exp.LTE if self.end_closed else exp.LT
        return compare(this=event.copy(), expression=before(as_of, Duration(self.offset)))

    def is_known(self, known: exp.Expr, as_of: exp.Expr) -> exp.Expr:
        """SQL over timestamps: the event was known at the instant."""
        compare = exp.LTE if self.end_closed else exp.LT
        return compare(this=known.copy(), expression=as_of.copy())

    def is_latest_version(self, superseded: exp.Expr, as_of: exp.Expr) -> exp.Expr:
        """SQL over timestamps: no later version of the event was known at the instant."""
        compare = exp.GT if self.end_closed else exp.GTE
        missing = exp.Is(this=superseded.copy(), expression=exp.Null())
        later = compare(this=superseded.copy(), expression=as_of.copy())
        return exp.Paren(this=exp.Or(this=missing, expression=later))


def edges_of(window: Window, closed: Closed) -> Edges:
    """The edges of a window under a boundary rule."""
    offset = window.offset.microseconds
    reach = None if window.length is None else offset + window.length.microseconds
    return Edges(offset, reach, start_closed=closed is not Closed.RIGHT, end_closed=closed is not Closed.LEFT)


def before(instant: exp.Expr, duration: Duration) -> exp.Expr:
    """SQL: the instant so long before; days are 24 hours, because every session is in UTC."""
    if duration.microseconds == 0:
        return instant.copy()
    return exp.Sub(this=instant.copy(), expression=interval(duration))


def interval(duration: Duration) -> exp.Interval:
    """SQL of a duration, in the largest unit that divides it: `INTERVAL '7' DAYS`."""
    for unit, microseconds in _UNITS:
        if duration.microseconds % microseconds == 0:
            number = duration.microseconds // microseconds
            name = unit.removesuffix("S") if number == 1 else unit
            return exp.Interval(this=exp.Literal.string(number), unit=exp.Var(this=name))
    raise AssertionError(duration)


def _plus(time: exp.Expr, shift: int) -> exp.Expr:
    return time.copy() if shift == 0 else exp.Add(this=time.copy(), expression=exp.Literal.number(shift))
