"""The sweep: running sums over one timeline of events and probes, for values that may be had by subtraction.

Per entity, events and probes (the instants asked, shifted by each edge of each window) are put in one order, and one
running sum goes over all entities: what a window holds is the sum at its head's probe less that at its tail's. Sums
are of whole numbers, so a difference is exact and what stands before an entity cancels. The cost is one sort of
events and probes, whatever the windows hold, so a hot entity costs no more than another.

The running sum has no ORDER BY of its own: it streams over the sorted subquery, several times faster than a window
that sorts and partitions again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from fpc.model.nodes import FeatureView, Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.events import event_columns
from fpc.sql.training.packs import Field, Pack, Sum, fields, finalise, mark, pack, units, units_name
from fpc.sql.training.shapes import alias, both, column, select, shape, table

#: Before every event of an entity.
_FIRST_PLACE = -9_000_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class _Edge:
    """A probe at `asked_us - shift`; None stands before all events. It counts the events at or before it."""

    shift: int | None


def lower_sweep(view: FeatureView, calls: Sequence[Call], events: str, asked: str) -> exp.Select:
    """Columns `ask` and one per call, for every ask with an entity; of sources in order of event time alone."""
    keys = event_columns(view).keys
    packs = pack(dict.fromkeys(field for call in calls for field in fields(call)))
    edges = _edges(view, calls)
    timeline = _timeline(keys, packs, edges, events, asked)
    running = select(
        [column("probe"), *(alias(_running(one), one.name) for one in packs)],
        select([exp.Star()], "timeline").order_by(*map(column, keys), column("place"), copy=False).subquery("in_order"),
    )
    probes = (
        select([column("probe"), *(column(one.name) for one in packs)], "running")
        .where(shape("probe IS NOT NULL"), copy=False)
        .order_by(column("probe"), copy=False)
    )
    windows = dict.fromkeys(call.window for call in calls)
    places = {edge: place for place, edge in enumerate(edges)}
    grown = [
        alias(exp.Sub(this=_ahead(one, places[head]), expression=_ahead(one, places[tail])), f"{one.name}_{number}")
        for number, window in enumerate(windows)
        for head, tail in (_ends(view, window),)
        for one in packs
    ]
    differences = select([column("probe"), *grown], probes.subquery("probes"))
    numbered = {window: number for number, window in enumerate(windows)}
    values = [
        alias(
            finalise(call, packs, {one.name: column(f"{one.name}_{numbered[call.window]}") for one in packs}),
            call.name,
        )
        for call in calls
    ]
    return (
        select([alias(shape("probe // _edges", _edges=len(edges)), "ask"), *values], "differences")
        .where(shape("probe % _edges = 0", _edges=len(edges)), copy=False)
        .with_("timeline", as_=timeline, copy=False)
        .with_("running", as_=running, copy=False)
        .with_("differences", as_=differences, copy=False)
    )


def _edges(view: FeatureView, calls: Sequence[Call]) -> tuple[_Edge, ...]:
    return tuple(dict.fromkeys(edge for call in calls for edge in _ends(view, call.window)))


def _ends(view: FeatureView, window: Window) -> tuple[_Edge, _Edge]:
    """The probes that count what has entered the window, and what has left it."""
    edges = edges_of(window, view.closed)
    return _Edge(edges.start_shift), _Edge(edges.end_shift)


def _timeline(keys: Sequence[str], packs: Sequence[Pack], edges: Sequence[_Edge], events: str, asked: str) -> exp.Expr:
    """Events at even places and probes at odd ones: a probe follows the events of its microsecond."""
    inputs = unit_columns(packs)
    rows: exp.Expr = select(
        [
            *map(column, keys),
            alias(shape("event_us * 2"), "place"),
            *inputs,
            alias(exp.cast(exp.Null(), "bigint"), "probe"),
        ],
        events,
    )
    # A null key meets no event.
    known = both([shape("_key IS NOT NULL", _key=key) for key in keys])
    for number, edge in enumerate(edges):
        place: exp.Expr = exp.Literal.number(str(_FIRST_PLACE))
        if edge.shift is not None:
            place = shape("(asked_us - _shift) * 2 + 1", _shift=edge.shift)
        probe = shape("ask * _edges + _number", _edges=len(edges), _number=number)
        nothing = [alias(exp.Null(), read.alias_or_name) for read in inputs]
        arm = select([*map(column, keys), alias(place, "place"), *nothing, alias(probe, "probe")], asked)
        rows = exp.union(rows, arm.where(known.copy(), copy=False), distinct=False, copy=False)
    return rows


def unit_columns(packs: Sequence[Pack]) -> list[exp.Expr]:
    """One column per input that the packs read: whole units where a total reads it, else a mark."""
    read: dict[Input, bool] = {}
    for field in (field for one in packs for field in one.fields):
        if field.input is not None:
            read[field.input] = read.get(field.input, False) or field.kind is not Sum.COUNT
    return [alias(units(source) if summed else mark(source), units_name(source)) for source, summed in read.items()]


def _running(one: Pack) -> exp.Expr:
    return exp.Window(
        this=exp.Sum(this=one.of_row(shape("probe IS NULL"))),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )


def _ahead(one: Pack, rows: int) -> exp.Expr:
    """The pack's sum at the probe so many rows further on: the probes of an ask stand together, in order of edges."""
    if rows == 0:
        return column(one.name)
    return shape("LEAD(_sum, _rows) OVER ()", _sum=one.name, _rows=rows)


__all__ = ["Field", "lower_sweep", "unit_columns"]
