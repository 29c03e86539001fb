"""The stab join: every event whose visibility interval holds the instant asked, found by time buckets.

A window's events have intervals no longer than the window. Buckets of that length make each interval touch at most
two, so that an equi-join on (entity, bucket) brings few candidates beside the true ones. Serves every function, those
without mergeable state (median, mode, lists) above all: its cost is the content of the windows.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from fpc.model.nodes import FeatureView, Window
from fpc.plan.visibility import edges_of
from fpc.sql.aggregates import lower_call
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.events import raw_columns, visible_from, visible_until
from fpc.sql.training.names import raw_name
from fpc.sql.training.reads import Reads
from fpc.sql.training.shapes import alias, both, column, equal, select, shape, table
from fpc.types.duration import Duration

_ABOVE_ZERO = 400_000_000_000_000_000


def hull_of(windows: Sequence[Window]) -> Window:
    """The shortest window that holds all of these."""
    nearest = min(window.offset.microseconds for window in windows)
    reaches = [w.offset.microseconds + w.length.microseconds for w in windows if w.length is not None]
    length = Duration(max(reaches) - nearest) if len(reaches) == len(windows) else None
    return Window(length, Duration(nearest))


def lower_stab(reads: Reads, window: Window, calls: Sequence[Call]) -> exp.Select:
    """Columns `ask` and one per call, for the asks that any event of the window is visible to.

    Calls of narrower windows within it filter the events that it brings.
    """
    view, times, keys = reads.view, reads.times, reads.keys
    inputs = tuple(dict.fromkeys(call.input for call in calls if call.input is not None))
    carried = [read.name for read in inputs if not read.moves] + [raw_name(name) for name in raw_columns(inputs)]
    ordering = ["event_us", *(["known_us"] if times.late else [])]
    until = visible_until(view, window)
    columns = [*keys, *ordering, *carried]
    spans = select([*map(column, columns), alias(visible_from(view, window), "visible_from")], reads.events)
    if until is not None:
        spans = spans.select(alias(until, "visible_until"), copy=False)
    asks = select([column("ask"), *map(column, keys), column("asked_us")], reads.asked)
    matches = [equal(keys, "asks", "spans"), shape("asks.asked_us >= spans.visible_from")]
    if until is not None:
        matches.append(_before(until_is_open=window.length is None))
    bucket = _bucket_length(view, window)
    if bucket is not None:
        last = shape("_until - 1", _until="visible_until")
        touched = shape(
            "UNNEST(RANGE(_first, _last + 1))",
            _first=_bucket(column("visible_from"), bucket),
            _last=_bucket(last, bucket),
        )
        spans = select([exp.Star(), alias(touched, "bucket")], spans.subquery("spans", copy=False))
        spans = spans.where(shape("visible_from < visible_until"), copy=False)
        asks = asks.select(alias(_bucket(column("asked_us"), bucket), "bucket"), copy=False)
        matches.insert(1, equal(["bucket"], "asks", "spans"))
    visible = (
        select(
            [
                column("ask", "asks"),
                *([column("asked_us", "asks")] if any(call.window != window for call in calls) else []),
                *(column(name, "spans") for name in [*ordering, *carried]),
                *(alias(_moving(read), read.name) for read in inputs if read.moves),
            ],
            table("asks"),
        )
        .with_("spans", as_=spans, copy=False)
        .with_("asks", as_=asks, copy=False)
        .join(table("spans"), on=both(matches), copy=False)
    )
    values = [
        alias(_aggregate(call, _within(reads, window, call.window), late=times.late), call.name) for call in calls
    ]
    return select([column("ask"), *values], visible.subquery("visible", copy=False)).group_by(column("ask"), copy=False)


def _within(reads: Reads, hull: Window, window: Window) -> exp.Expr | None:
    """What an event of the hull must fulfil to be in the window; None where that is nothing."""
    wide, narrow = edges_of(hull, reads.view.closed), edges_of(window, reads.view.closed)
    conditions = []
    if narrow.start_shift != wide.start_shift:
        conditions.append(shape("asked_us >= event_us + _shift", _shift=narrow.start_shift))
    if narrow.end_shift is not None and narrow.end_shift != wide.end_shift:
        conditions.append(shape("asked_us < event_us + _shift", _shift=narrow.end_shift))
    return both(conditions) if conditions else None


def _before(*, until_is_open: bool) -> exp.Expr:
    if until_is_open:
        return shape("(spans.visible_until IS NULL OR asks.asked_us < spans.visible_until)")
    return shape("asks.asked_us < spans.visible_until")


def _bucket_length(view: FeatureView, window: Window) -> int | None:
    """At least the longest interval's length; None for a lifetime, whose events never leave by age."""
    return None if window.length is None else window.length.microseconds + 1


def _bucket(instant: exp.Expr, length: int) -> exp.Expr:
    # Any origin will do as long as nothing is below it, because // rounds towards zero.
    return shape("(_instant + _above) // _length", _instant=instant, _above=_ABOVE_ZERO, _length=length)


def _moving(read: Input) -> exp.Expr:
    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return column(raw_name(node.name), "spans")
        if isinstance(node, exp.Anonymous) and node.name.upper() == "AS_OF":
            return shape("MAKE_TIMESTAMPTZ(asks.asked_us)")
        return node

    return read.expression.transform(put)


def _aggregate(call: Call, rows: exp.Expr | None, *, late: bool) -> exp.Expr:
    lowered = lower_call(call.as_aggregate(), rows, has_known_time=late)
    renamed = {"event_at": "event_us", "known_at": "known_us" if late else "event_us"}

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name in renamed and not node.this.quoted:
            return column(renamed[node.name])
        return node

    return lowered.transform(put)
