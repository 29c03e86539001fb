"""The sweep: running sums over one timeline of events and probes, for values that may be had by subtraction.

Per entity, events and probes (the instants asked, shifted by each edge of each window) are put in one order, and one
running sum goes over all entities. Sums are of whole numbers, so a difference is exact and what stands before an
entity cancels. The cost is one sort of events and probes, whatever the windows hold: a hot entity costs no more than
another.

The running sum has no ORDER BY of its own: it streams over the sorted subquery, several times faster than a window
that partitions and sorts again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from fpc.model.nodes import Window
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.lanes import lower_changes, lower_corrections, lower_lanes, lower_late
from fpc.sql.training.limbs import has_limbs, limb_columns, lower_scale, scale_name
from fpc.sql.training.names import units_name
from fpc.sql.training.packs import Pack, Sum, fields, finalise, mark, pack, units
from fpc.sql.training.reads import Reads
from fpc.sql.training.shapes import alias, column, equal, select, shape, table
from fpc.sql.training.timeline import Timeline, lower_timeline


def lower_sweep(reads: Reads, calls: Sequence[Call], name: str) -> Iterator[tuple[str, exp.Select]]:
    """The relations that end in `name`: columns `ask` and one per call, for every ask with an entity.

    Whatever sorts is a step of its own: together they would want as much memory as all of them.
    """
    for read in dict.fromkeys(call.input for call in calls if call.input is not None and has_limbs(call)):
        yield scale_name(read), lower_scale(read, reads.events)
    packs = pack(dict.fromkeys(field for call in calls for field in fields(call)))
    windows = tuple(dict.fromkeys(call.window for call in calls))
    inputs = _inputs(packs)

    def values(source: str | None, late: frozenset[Window]) -> list[exp.Expr]:
        return [
            alias(_value(call, packs, windows.index(call.window), source, call.window in late), call.name)
            for call in calls
        ]

    if reads.times.in_order:
        timeline = lower_timeline(reads, windows, inputs, reads.events, shareable(packs))
        yield name, _packed(timeline, packs, windows, values(None, frozenset()))
        return
    changes, late, swept, corrected = (f"{name}_{step}" for step in ("changes", "late", "swept", "corrected"))
    yield changes, lower_changes(reads, inputs)
    names = [read.alias_or_name for read in inputs]
    lanes = lower_lanes(reads, windows, names, changes)
    bounded = tuple(window for window in windows if window.length is not None)
    if not bounded:
        yield name, _packed(lanes, packs, windows, values(None, frozenset()))
        return
    yield late, lower_late(reads, bounded, changes)
    yield swept, _packed(lanes, packs, windows)
    yield corrected, _packed(lower_corrections(reads, bounded, names, late), packs, windows)
    joined = select([column("ask", "swept"), *values("swept", frozenset(bounded))], table(swept, "swept")).join(
        table(corrected, "corrected"), on=equal(["ask"], "swept", "corrected"), join_type="LEFT", copy=False
    )
    yield name, joined


def sweep(
    timeline: Timeline, sums: Sequence[exp.Expr], grown: Sequence[exp.Expr], values: Sequence[exp.Expr]
) -> exp.Select:
    """The sweep itself: `sums` run over the timeline, `grown` over an ask's probes, `values` over what they bring.

    `grown` names a sum at one of the probes by `at_probe`.
    """
    in_order = select([exp.Star()], "timeline").order_by(*map(column, timeline.order), copy=False)
    names = [one.alias for one in sums]
    # Before the first event there is no sum yet.
    begun = [alias(shape("COALESCE(_sum, 0)", _sum=name), name) for name in names]
    probes = (
        select([alias(exp.cast(column("probe"), "bigint", copy=False), "probe"), *begun], "running")
        .where(timeline.is_probe(), copy=False)
        .order_by(column("probe"), copy=False)
    )
    beside = [
        alias(shape("LEAD(_sum, _rows) OVER ()", _sum=name, _rows=number), at_probe(name, number).name)
        for number in range(1, timeline.probes)
        for name in names
    ]
    ask = alias(shape("probe // _probes", _probes=timeline.probes), "ask")
    first_of_ask = shape("probe % _probes = 0", _probes=timeline.probes)
    return (
        select([column("ask"), *values], "grown")
        .with_("timeline", as_=timeline.rows, copy=False)
        .with_("running", as_=select([*timeline.held, *sums], in_order.subquery("in_order", copy=False)), copy=False)
        .with_(
            "abreast",
            as_=select([column("probe"), *map(column, names), *beside], probes.subquery("probes", copy=False)),
            copy=False,
        )
        .with_("grown", as_=select([ask, *grown], "abreast").where(first_of_ask, copy=False), copy=False)
    )


def at_probe(name: str, number: int) -> exp.Column:
    """The sum of this name at an ask's probe of this number: they stand together, in the order of their numbers."""
    return column(f"{name}_at_{number}" if number else name)


def running(value: exp.Expr, timeline: Timeline) -> exp.Expr:
    """The sum of the events' values, by their weight, over this row and all before it; null before the first.

    Probes are filtered out: a row that is passed over costs less than one that adds nothing.
    """
    weighed = value
    if timeline.weight is not None:
        weighed = shape("_weight * _value", _weight=timeline.weight, _value=exp.Paren(this=value))
    return exp.Window(
        this=exp.Filter(this=exp.Sum(this=weighed), expression=exp.Where(this=timeline.is_event())),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )


def _packed(
    timeline: Timeline, packs: Sequence[Pack], windows: Sequence[Window], values: Sequence[exp.Expr] | None = None
) -> exp.Select:
    """Sweeps packs: columns `ask` and `values`, by default `<pack>_<window>` for each of the timeline's windows."""
    sums = [alias(running(one.of_event(), timeline), one.name) for one in packs]
    grown = [
        alias(_grown(one.name, terms), _grown_name(one, windows.index(window)))
        for window, terms in timeline.terms.items()
        for one in packs
    ]
    return sweep(timeline, sums, grown, [column(one.alias) for one in grown] if values is None else values)


def _grown_name(one: Pack, window: int) -> str:
    return f"{one.name}_{window}"


def _value(call: Call, packs: Sequence[Pack], window: int, source: str | None, is_corrected: bool) -> exp.Expr:
    grown: dict[str, exp.Expr] = {}
    for one in packs:
        name = _grown_name(one, window)
        grown[one.name] = column(name, source)
        if is_corrected:
            late = exp.Coalesce(this=column(name, "corrected"), expressions=[exp.Literal.number(0)])
            grown[one.name] = exp.Add(this=grown[one.name], expression=late)
    return finalise(call, packs, grown)


def _grown(name: str, terms: Sequence[tuple[int, int]]) -> exp.Expr:
    """A window's sum from those at its probes."""
    total: exp.Expr | None = None
    for number, sign in terms:
        at = at_probe(name, number)
        if total is None:
            total = at
        else:
            total = exp.Add(this=total, expression=at) if sign > 0 else exp.Sub(this=total, expression=at)
    assert total is not None
    return total


def _inputs(packs: Sequence[Pack]) -> list[exp.Expr]:
    """The columns that the packs read: whole units where a total reads an input, limbs of doubles, else a mark."""
    read: dict[Input, set[Sum]] = {}
    for field in (field for one in packs for field in one.fields):
        if field.input is not None:
            read.setdefault(field.input, set()).add(field.kind)
    columns: list[exp.Expr] = []
    for source, kinds in read.items():
        if Sum.HIGH in kinds:
            columns += limb_columns(source)
        else:
            columns.append(alias(mark(source) if kinds == {Sum.COUNT} else units(source), units_name(source.name)))
    return columns


def shareable(packs: Sequence[Pack]) -> str | None:
    """An input's column that may be any 64-bit number at a row that is no event: its square then fits, not shifted."""
    placed = [field for one in packs for field in one.placed()]
    for read in dict.fromkeys(field.input for field, _ in placed if field.input is not None):
        if all(place == 0 for field, place in placed if field.kind is Sum.SQUARES and field.input == read):
            return units_name(read.name)
    return None
