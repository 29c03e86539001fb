"""Counts of distinct values by difference: each value's visits to a window merge into runs that begin and end.

A value counts at an instant when one of its events does. The visibility intervals of equal values of an entity merge to
disjoint runs, so the number of distinct values is the number of runs begun less the number of runs ended: two running
counts, whatever the cardinality and without a set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from fpc.contract.training import ROWS_PER_SHARD
from fpc.model.nodes import FeatureView, Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.events import visible_from, visible_until
from fpc.sql.training.lanes import at_lane
from fpc.sql.training.packs import whole_number
from fpc.sql.training.reads import Reads
from fpc.sql.training.shapes import alias, column, select, shape
from fpc.sql.training.sweep import at_probe, running, sweep
from fpc.sql.training.timeline import Timeline, lower_timeline, no_probe, probes_at, union

#: Functions that count distinct values; on this engine the approximate one is exact.
DISTINCT = frozenset({"count_distinct", "approx_count_distinct"})

_COUNT_BITS = ROWS_PER_SHARD.bit_length()
_COUNTS_PER_PACK = 126 // _COUNT_BITS
#: A time after all others whose double still is a BIGINT.
_FOREVER = 4_500_000_000_000_000_000
_LIFT = 1 << 62


def lower_distinct(reads: Reads, calls: Sequence[Call], name: str) -> Iterator[tuple[str, exp.Select]]:
    """The relations that end in `name`: columns `ask` and one per call, all over one input.

    Every ask with an entity has a row. Whatever sorts is a step of its own: together they would want as much memory as
    all of them.
    """
    return _in_order(reads, calls, name) if reads.times.in_order else _lanes(reads, calls, name)


def _input_of(calls: Sequence[Call]) -> Input:
    read = calls[0].input
    assert read is not None
    return read


def _in_order(reads: Reads, calls: Sequence[Call], name: str) -> Iterator[tuple[str, exp.Select]]:
    """Runs of one length for all entities: an event begins one when the value's last event is longer ago than that.

    What begins a run of a longer window begins one of each shorter window too, so one number per event says it all.
    """
    view, keys, read = reads.view, reads.keys, _input_of(calls)
    windows = tuple(dict.fromkeys(call.window for call in calls))
    lengths = sorted({_stay(view, window) for window in windows})
    same = [shape("_at(_key) OVER () IS NOT DISTINCT FROM _key", _key=key) for key in (*keys, read.name)]
    before = exp.and_(*(_peek(node, "LAG") for node in same))
    after = exp.and_(*(_peek(node, "LEAD") for node in same))
    ordered = (
        select([*map(column, keys), column(read.name), column("event_us")], reads.events)
        .where(shape("_x IS NOT NULL", _x=read.name), copy=False)
        .order_by(*map(column, keys), column(read.name), column("event_us"), copy=False)
    )
    since = shape("CASE WHEN _same THEN event_us - LAG(event_us) OVER () END", _same=before)
    until = shape("CASE WHEN _same THEN LEAD(event_us) OVER () - event_us END", _same=after)
    gaps = select(
        [*map(column, keys), column("event_us"), alias(since, "since"), alias(until, "until")],
        ordered.subquery("by_value", copy=False),
    )
    marked = f"{name}_marked"
    marks = select(
        [
            *map(column, keys),
            column("event_us"),
            alias(_runs("since", lengths), "begins"),
            alias(_runs("until", lengths), "ends"),
        ],
        gaps.subquery("gaps", copy=False),
    )
    yield marked, marks
    timeline = lower_timeline(reads, windows, [column("begins"), column("ends")], marked, "begins")
    packs = range((len(lengths) + _COUNTS_PER_PACK - 1) // _COUNTS_PER_PACK)
    sums = [
        alias(running(_packed(what, number, len(lengths)), timeline), f"{what}_{number}")
        for what in ("begins", "ends")
        for number in packs
    ]
    grown = []
    for number, window in enumerate(windows):
        (head, _), (tail, _) = timeline.terms[window]
        place = lengths.index(_stay(view, window))
        begun, ended = _count("begins", place, head), _count("ends", place, tail)
        grown.append(alias(exp.Sub(this=exp.Paren(this=begun), expression=exp.Paren(this=ended)), f"held_{number}"))
    values = [alias(shape("CAST(_held AS BIGINT)", _held=f"held_{windows.index(c.window)}"), c.name) for c in calls]
    yield name, sweep(timeline, sums, grown, values)


def _stay(view: FeatureView, window: Window) -> int:
    """How long an event stays in the window."""
    edges = edges_of(window, view.closed)
    return _FOREVER if edges.end_shift is None else edges.end_shift - edges.start_shift


def _peek(node: exp.Expr, function: str) -> exp.Expr:
    return node.transform(
        lambda n: (
            exp.Anonymous(this=function, expressions=n.expressions)
            if isinstance(n, exp.Anonymous) and n.name == "_at"
            else n
        )
    )


def _runs(gap: str, lengths: Sequence[int]) -> exp.Expr:
    """For how many of the lengths, ascending, a gap parts two runs: all of them where there is no neighbour."""
    cases = exp.Case()
    for count in range(len(lengths), 0, -1):
        condition = shape("_gap > _length", _gap=gap, _length=lengths[count - 1])
        if count == len(lengths):
            condition = shape("_gap IS NULL OR _longer", _gap=gap, _longer=condition)
        cases = cases.when(condition, exp.Literal.number(count), copy=False)
    return exp.cast(cases.else_(exp.Literal.number(0), copy=False), "tinyint", copy=False)


def _packed(what: str, pack: int, lengths: int) -> exp.Expr:
    """The row's contribution to a pack of counts, one per length: those of the shorter lengths come with the longer."""
    first = pack * _COUNTS_PER_PACK
    last = min(first + _COUNTS_PER_PACK, lengths)
    cases = exp.Case()
    for count in range(lengths, first, -1):
        held = sum(1 << (place * _COUNT_BITS) for place in range(min(count, last) - first))
        least = shape("_runs >= _count", _runs=what, _count=count)
        if count <= last or count == lengths:
            cases = cases.when(least, whole_number(held), copy=False)
    return cases.else_(exp.Literal.number(0), copy=False)


def _count(what: str, place: int, number: int) -> exp.Expr:
    """The running count of one length at the probe of this number."""
    pack, field = divmod(place, _COUNTS_PER_PACK)
    name = f"{what}_{pack}"
    mask = whole_number((1 << _COUNT_BITS) - 1)
    return shape("(_at >> _bits) & _mask", _at=at_probe(name, number), _bits=field * _COUNT_BITS, _mask=mask)


def _lanes(reads: Reads, calls: Sequence[Call], name: str) -> Iterator[tuple[str, exp.Select]]:
    """Late rows and versions: intervals of any length, merged by how far the value's earlier ones reach.

    A lane per window holds the begins and ends of its runs; each entity's lanes add up to nothing.
    """
    view, keys = reads.view, reads.keys
    windows = tuple(dict.fromkeys(call.window for call in calls))
    groups: dict[int, list[int]] = {}
    for number, window in enumerate(windows):
        groups.setdefault(edges_of(window, view.closed).start_shift, []).append(number)
    arms: list[exp.Expr] = []
    for group, members in enumerate(groups.values()):
        visits = f"{name}_visits_{group}"
        yield visits, _visits(reads, calls, windows, members)
        for number in members:
            begins = shape("_begins", _begins=f"_begins_{number}")
            earlier = shape("_begins AND _before IS NOT NULL", _begins=f"_begins_{number}", _before=f"_before_{number}")
            ends = shape("is_last AND _reach IS NOT NULL", _reach=f"_reach_{number}")
            for place, weight, condition in (
                ("visible_from", 1, begins),
                (f"_before_{number}", -1, earlier),
                (f"_reach_{number}", -1, ends),
            ):
                run_end = select(
                    [
                        *map(column, keys),
                        *at_lane(number, shape("_place * 2", _place=place)),
                        alias(exp.cast(exp.Literal.number(str(weight)), "tinyint"), "weight"),
                        no_probe(),
                    ],
                    visits,
                )
                arms.append(run_end.where(condition, copy=False))
    nought = alias(exp.cast(exp.Literal.number(0), "tinyint"), "weight")
    for number in range(len(windows)):
        at = [*at_lane(number, shape("asked_us * 2 + 1")), nought.copy()]
        arms.append(probes_at(reads, at, [], len(windows), number))
    terms = {window: ((number, 1),) for number, window in enumerate(windows)}
    timeline = Timeline(union(arms), (*keys, "lane", "place"), len(windows), terms, "weight")
    grown = [alias(at_probe("held", number), f"held_{number}") for number in range(len(windows))]
    values = [alias(shape("CAST(_held AS BIGINT)", _held=f"held_{windows.index(c.window)}"), c.name) for c in calls]
    yield name, sweep(timeline, [alias(running(exp.Literal.number(1), timeline), "held")], grown, values)


def _visits(reads: Reads, calls: Sequence[Call], windows: Sequence[Window], members: Sequence[int]) -> exp.Select:
    """Each event with, per window, whether it begins a run of its value, and how far the runs so far reach.

    `_before_<n>` is where the value's earlier intervals end, `_reach_<n>` the same with this one; null without any.
    """
    view, keys, value = reads.view, reads.keys, _input_of(calls).name
    untils = {
        number: alias(
            exp.Coalesce(this=until, expressions=[whole_number(_FOREVER, "bigint")])
            if (until := visible_until(view, windows[number])) is not None
            else whole_number(_FOREVER, "bigint"),
            f"_until_{number}",
        )
        for number in members
    }
    first = visible_from(view, windows[members[0]])
    spans = select([*map(column, keys), column(value), alias(first, "visible_from"), *untils.values()], reads.events)
    spans = spans.where(shape("_x IS NOT NULL", _x=value), copy=False)
    ordered = select([exp.Star()], spans.subquery("spans", copy=False)).order_by(
        *map(column, keys), column(value), column("visible_from"), copy=False
    )
    same = [shape("_at(_key) OVER () IS NOT DISTINCT FROM _key", _key=key) for key in (*keys, value)]
    until_names = [f"_until_{number}" for number in members]
    placed = select(
        [
            *map(column, keys),
            column("visible_from"),
            *map(column, until_names),
            alias(shape("ROW_NUMBER() OVER ()"), "place"),
            alias(exp.and_(*(_peek(node, "LAG") for node in same)), "is_next"),
            alias(exp.Not(this=exp.Paren(this=exp.and_(*(_peek(node, "LEAD") for node in same)))), "is_last"),
        ],
        ordered.subquery("by_value", copy=False),
    )
    run = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    grouped = select(
        [
            exp.Star(),
            alias(
                shape(f"LAST_VALUE(CASE WHEN is_next THEN NULL ELSE place END IGNORE NULLS) OVER ({run})"), "value_at"
            ),
        ],
        placed.subquery("placed", copy=False),
    )
    # The furthest end so far, of this value alone: later values have greater places, which outweigh any time.
    furthest = [
        alias(
            shape(
                "MAX(CASE WHEN visible_from < _until "
                "THEN CAST(value_at AS HUGEINT) * _unit + (_until + _lift) END) "
                f"OVER ({run})",
                _until=f"_until_{number}",
                _unit=whole_number(1 << 63),
                _lift=whole_number(_LIFT, "bigint"),
            ),
            f"_furthest_{number}",
        )
        for number in members
    ]
    reached = select([exp.Star(), *furthest], grouped.subquery("grouped", copy=False))
    before = [
        alias(_end_of(shape("LAG(_furthest) OVER ()", _furthest=f"_furthest_{number}")), f"_before_{number}")
        for number in members
    ]
    reach = [alias(_end_of(column(f"_furthest_{number}")), f"_reach_{number}") for number in members]
    ends = select([exp.Star(), *before, *reach], reached.subquery("reached", copy=False))
    begins = [
        alias(
            shape(
                "visible_from < _until AND (_before IS NULL OR _before < visible_from)",
                _until=f"_until_{number}",
                _before=f"_before_{number}",
            ),
            f"_begins_{number}",
        )
        for number in members
    ]
    return select(
        [
            *map(column, keys),
            column("visible_from"),
            column("is_last"),
            *begins,
            *(column(f"_{name}_{number}") for number in members for name in ("before", "reach")),
        ],
        ends.subquery("ends", copy=False),
    )


def _end_of(furthest: exp.Expr) -> exp.Expr:
    """The time in a furthest end, null when it is of another value."""
    return shape(
        "CASE WHEN _furthest >> 63 = value_at THEN CAST((_furthest & _mask) - _lift AS BIGINT) END",
        _furthest=furthest,
        _mask=whole_number((1 << 63) - 1),
        _lift=whole_number(_LIFT),
    )
