"""Timelines for the sweep: in which order events and probes stand, and which probes make up each window.

A probe is an instant asked, at one edge of one window. In the simple timeline events stand once, in order of their
event time, and a window is the running sum at its head's probe less that at its tail's.

Late rows and versions break that order, and each entity gets lanes instead. Every event is a change: it enters when it
is known, and a superseded version is a second change that takes it back from then on. Per offset of windows there are

    corrections  one lane per window: changes that were known only after they had left it, from the time they would
                 have left until they were known
    entering     every change at the instant from which it counts
    leaving      every change taken back, newest event first, so that at a probe the sum stands at those that have left

and a window is entering - leaving + corrections. Each entity's lanes add up to nothing, so that no sum carries over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from fpc.model.nodes import FeatureView, Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.events import event_columns
from fpc.sql.training.shapes import alias, both, column, select, shape

#: Before every event of an entity.
_FIRST_PLACE = -9_000_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """`rows` has the keys, `lane` where there are lanes, `place`, `weight`, the inputs (null for probes) and `probe`.

    `probe` is `ask * probes + number`, null for events. Each window's sum is that of the running sums at the numbered
    probes, signs given. `relations` are those that `rows` reads, in order. `weight` is None where each event is one.
    """

    rows: exp.Expr
    order: tuple[str, ...]
    probes: int
    terms: Mapping[Window, tuple[tuple[int, int], ...]]
    relations: tuple[tuple[str, exp.Select], ...]
    weight: str | None


def lower_timeline(
    view: FeatureView, windows: Sequence[Window], inputs: Sequence[exp.Expr], events: str, asked: str
) -> Timeline:
    """The timeline of a view's windows; `inputs` are the columns to carry, over the events relation."""
    if event_columns(view).in_order:
        return simple_timeline(view, windows, inputs, events, asked)
    return _lanes(view, windows, inputs, events, asked)


def simple_timeline(
    view: FeatureView, windows: Sequence[Window], inputs: Sequence[exp.Expr], events: str, asked: str
) -> Timeline:
    """The timeline of events that stand in order of their event time."""
    keys = event_columns(view).keys
    ends = {window: edges_of(window, view.closed) for window in windows}
    shifts = list(dict.fromkeys(s for edges in ends.values() for s in (edges.start_shift, edges.end_shift)))
    rows: exp.Expr = select(
        [*map(column, keys), alias(shape("event_us * 2"), "place"), *inputs, no_probe()],
        events,
    )
    names = [read.alias_or_name for read in inputs]
    for number, shift in enumerate(shifts):
        # Odd places: a probe follows the events of its microsecond.
        place = shape("_first", _first=_first()) if shift is None else shape("(asked_us - _s) * 2 + 1", _s=shift)
        rows = add_rows(rows, probes_at(keys, [alias(place, "place")], names, len(shifts), number, asked))
    numbers = {shift: number for number, shift in enumerate(shifts)}
    terms = {w: ((numbers[edges.start_shift], 1), (numbers[edges.end_shift], -1)) for w, edges in ends.items()}
    return Timeline(rows, (*keys, "place"), len(shifts), terms, (), None)


def _lanes(
    view: FeatureView, windows: Sequence[Window], inputs: Sequence[exp.Expr], events: str, asked: str
) -> Timeline:
    times = event_columns(view)
    keys, names = times.keys, [read.alias_or_name for read in inputs]
    carried = [*map(column, names)]
    strict = edges_of(windows[0], view.closed).known_shift
    offsets: dict[int, list[Window]] = {}
    for window in windows:
        offsets.setdefault(edges_of(window, view.closed).start_shift, []).append(window)
    arms: list[exp.Expr] = []
    probes: list[tuple[int, exp.Expr]] = []
    terms: dict[Window, tuple[tuple[int, int], ...]] = {}

    def add_events(lane: int, place: exp.Expr, weight: str, condition: exp.Expr | None = None) -> None:
        arm = select(
            [*map(column, keys), *at_place(lane, place), alias(shape(weight), "weight"), *_copies(carried), no_probe()],
            "changes",
        )
        arms.append(arm if condition is None else arm.where(condition, copy=False))

    lane = 0
    for start, group in offsets.items():
        corrected: dict[Window, int] = {}
        for window in group:
            leaves = edges_of(window, view.closed).end_shift
            if leaves is None:
                continue
            left = shape("event_us + _leaves", _leaves=leaves)
            too_late = shape("counts_from > _left", _left=left)
            add_events(lane, shape("_left * 2", _left=left), "weight", too_late)
            add_events(lane, shape("counts_from * 2"), "-weight", too_late.copy())
            corrected[window] = len(probes)
            probes.append((lane, shape("asked_us * 2 + 1")))
            lane += 1
        entered = shape("counts_from")
        if start > strict:
            entered = shape("GREATEST(counts_from, event_us + _start)", _start=start)
        add_events(lane, shape("_entered * 2", _entered=entered), "weight")
        add_events(lane + 1, shape("1 - event_us * 2"), "-weight")
        head = len(probes)
        probes.append((lane, shape("asked_us * 2 + 1")))
        for window in group:
            terms[window] = ((head, 1),)
            leaves = edges_of(window, view.closed).end_shift
            if leaves is not None:
                terms[window] += ((len(probes), -1), (corrected[window], 1))
                probes.append((lane + 1, shape("(asked_us - _leaves) * -2", _leaves=leaves)))
        lane += 2
    for number, (where, place) in enumerate(probes):
        at = [*at_place(where, place), alias(exp.cast(exp.Literal.number(0), "integer"), "weight")]
        arms.append(probes_at(keys, at, names, len(probes), number, asked))
    rows = arms[0]
    for arm in arms[1:]:
        rows = add_rows(rows, arm)
    return Timeline(
        rows,
        (*keys, "lane", "place"),
        len(probes),
        terms,
        (("changes", _changes(view, inputs, strict, events)),),
        "weight",
    )


def _changes(view: FeatureView, inputs: Sequence[exp.Expr], strict: int, events: str) -> exp.Select:
    times = event_columns(view)

    def change(known: str, weight: int) -> exp.Select:
        counts_from = shape("_known + _strict", _known=known, _strict=strict) if strict else column(known)
        return select(
            [
                *map(column, times.keys),
                column("event_us"),
                alias(counts_from, "counts_from"),
                alias(exp.cast(exp.Literal.number(str(weight)), "integer"), "weight"),
                *_copies(inputs),
            ],
            events,
        )

    entering = change("known_us" if times.late else "event_us", 1)
    if not times.versions:
        return entering
    superseded = change("superseded_us", -1).where(shape("superseded_us IS NOT NULL"), copy=False)
    return select([exp.Star()], exp.Subquery(this=add_rows(entering, superseded), alias=_named("changes")))


def probes_at(
    keys: Sequence[str], at: Sequence[exp.Expr], names: Sequence[str], count: int, number: int, asked: str
) -> exp.Expr:
    """One probe per ask with an entity, numbered so among `count`; `at` says where, `names` are left null."""
    probe = shape("ask * _count + _number", _count=count, _number=number)
    nothing = [alias(exp.Null(), name) for name in names]
    # A null key meets no event.
    known = both([shape("_key IS NOT NULL", _key=key) for key in keys])
    return select([*map(column, keys), *at, *nothing, alias(probe, "probe")], asked).where(known, copy=False)


def at_place(lane: int, place: exp.Expr) -> list[exp.Expr]:
    """The columns `lane` and `place`."""
    return [alias(exp.cast(exp.Literal.number(lane), "integer"), "lane"), alias(place, "place")]


def no_probe() -> exp.Expr:
    """The column `probe` of an event."""
    return alias(exp.cast(exp.Null(), "bigint"), "probe")


def _first() -> exp.Expr:
    return exp.cast(exp.Literal.string(str(_FIRST_PLACE)), "bigint")


def _named(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(name))


def add_rows(rows: exp.Expr, arm: exp.Expr) -> exp.Expr:
    """UNION ALL."""
    return exp.union(rows, arm, distinct=False, copy=False)


def _copies(nodes: Sequence[exp.Expr]) -> list[exp.Expr]:
    return [node.copy() for node in nodes]
