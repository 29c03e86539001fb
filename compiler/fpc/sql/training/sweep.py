"""The sweep: running sums over one timeline of events and probes, for values that may be had by subtraction.

Per entity, events and probes (the instants asked, shifted by each edge of each window) are put in one order, and one
running sum goes over all entities. Sums are of whole numbers, so a difference is exact and what stands before an
entity cancels. The cost is one sort of events and probes, whatever the windows hold: a hot entity costs no more than
another.

The running sum has no ORDER BY of its own: it streams over the sorted subquery, several times faster than a window
that partitions and sorts again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from fpc.model.nodes import FeatureView
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.packs import Pack, Sum, fields, finalise, mark, pack, units, units_name
from fpc.sql.training.shapes import alias, column, select, shape
from fpc.sql.training.timeline import Timeline, lower_timeline


def lower_sweep(view: FeatureView, calls: Sequence[Call], events: str, asked: str) -> exp.Select:
    """Columns `ask` and one per call, for every ask with an entity."""
    packs = pack(dict.fromkeys(field for call in calls for field in fields(call)))
    windows = tuple(dict.fromkeys(call.window for call in calls))
    timeline = lower_timeline(view, windows, _inputs(packs), events, asked)
    names = {window: [f"{one.name}_{number}" for one in packs] for number, window in enumerate(windows)}
    grown = [
        alias(_grown(one.name, timeline.terms[window]), name)
        for window, held in names.items()
        for one, name in zip(packs, held, strict=True)
    ]
    values = [
        alias(
            finalise(call, packs, dict(zip((p.name for p in packs), map(column, names[call.window]), strict=True))),
            call.name,
        )
        for call in calls
    ]
    sums = [alias(running(one.of_row(shape("probe IS NULL")), timeline.weight), one.name) for one in packs]
    return at_asks(timeline, sums, grown, values)


def at_asks(
    timeline: Timeline, sums: Sequence[exp.Expr], grown: Sequence[exp.Expr], values: Sequence[exp.Expr]
) -> exp.Select:
    """The sweep itself: `sums` run over the timeline, `grown` over an ask's probes, `values` over what they bring."""
    in_order = select([exp.Star()], "timeline").order_by(*map(column, timeline.order), copy=False)
    probes = (
        select([column("probe"), *(column(one.alias) for one in sums)], "running")
        .where(shape("probe IS NOT NULL"), copy=False)
        .order_by(column("probe"), copy=False)
    )
    query = select([alias(shape("probe // _probes", _probes=timeline.probes), "ask"), *values], "grown").where(
        shape("probe % _probes = 0", _probes=timeline.probes), copy=False
    )
    for name, relation in timeline.relations:
        query = query.with_(name, as_=relation, copy=False)
    return (
        query.with_("timeline", as_=timeline.rows, copy=False)
        .with_("running", as_=select([column("probe"), *sums], in_order.subquery("in_order")), copy=False)
        .with_("grown", as_=select([column("probe"), *grown], probes.subquery("probes")), copy=False)
    )


def running(value: exp.Expr, weight: str | None) -> exp.Expr:
    """The sum of a row's value, by its weight, over this row and all before it."""
    weighed = value if weight is None else shape("_weight * _value", _weight=weight, _value=exp.Paren(this=value))
    return exp.Window(
        this=exp.Sum(this=weighed),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )


def _grown(name: str, terms: Sequence[tuple[int, int]]) -> exp.Expr:
    """A window's sum from those at its probes: the probes of an ask stand together, in the order of their numbers."""
    total: exp.Expr | None = None
    for number, sign in terms:
        at = shape("LEAD(_sum, _rows) OVER ()", _sum=name, _rows=number) if number else column(name)
        if total is None:
            total = at if sign > 0 else exp.Neg(this=at)
        else:
            total = exp.Add(this=total, expression=at) if sign > 0 else exp.Sub(this=total, expression=at)
    assert total is not None
    return total


def _inputs(packs: Sequence[Pack]) -> list[exp.Expr]:
    """One column per input that the packs read: whole units where a total reads it, else a mark."""
    read: dict[Input, bool] = {}
    for field in (field for one in packs for field in one.fields):
        if field.input is not None:
            read[field.input] = read.get(field.input, False) or field.kind is not Sum.COUNT
    return [alias(units(source) if summed else mark(source), units_name(source)) for source, summed in read.items()]
