"""Extremes: the value that comes first or last in some order (min, max, first, last, any, all), without its window.

Events are ranked once in the order that decides: by value, or by time. The answer at an instant is then the greatest
rank that is visible (of min and first, the least), and its value is looked up. No event is ever compared with an
instant, so a hot entity costs no more than another.

Time is cut into blocks as long as the window (van Herk, Gil and Werman). An event's visibility is never longer, so that
it reaches over at most one edge between blocks:

    before the edge   it counts from when it enters:     greatest rank so far, in the order of entering
    behind the edge   it counts until it leaves:         greatest rank so far, from the latest leaving back
    no edge           it came late, or was superseded:   found by buckets of time as long as its stay

A lifetime is one block that ends never. The newest event needs no other: of all that have entered, the newest is the
last to leave by age, so that it alone decides every window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.contract.training import ROWS_PER_SHARD
from fpc.model.nodes import Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.calls import Call
from fpc.sql.training.events import visible_from, visible_until
from fpc.sql.training.packs import whole_number
from fpc.sql.training.reads import Reads
from fpc.sql.training.shapes import alias, both, column, equal, select, shape, table
from fpc.sql.training.timeline import union

#: Functions by what ranks their events; the greatest rank answers the first two of each, the least the others.
BY_VALUE: Final = frozenset({"max", "any", "min", "all"})
BY_TIME: Final = frozenset({"last", "first"})
_LEAST: Final = frozenset({"min", "all", "first"})

_RANK_BITS: Final = (ROWS_PER_SHARD + 1).bit_length()
_BLOCK_BITS: Final = 44
_RANKS: Final = 1 << _RANK_BITS
#: Above the number of every block.
_BLOCKS: Final = 1 << (_BLOCK_BITS - 1)
#: Moves every instant since 10,000 BC above zero, because // rounds towards zero.
_ABOVE_ZERO: Final = 400_000_000_000_000_000
_RUN: Final = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")


@dataclass(frozen=True, slots=True)
class _Race:
    """One contest: in a window, for the greatest rank or the least; `name` is its column everywhere."""

    name: str
    window: Window
    least: bool

    @property
    def entrant(self) -> exp.Expr:
        """The number that an event enters with: the greatest wins."""
        return shape("_ranks - rank", _ranks=_RANKS) if self.least else column("rank")

    def rank_of(self, winner: exp.Expr) -> exp.Expr:
        """The rank of the event that entered with the number."""
        return shape("_ranks - _winner", _ranks=_RANKS, _winner=winner) if self.least else winner


def lower_extremes(reads: Reads, calls: Sequence[Call], name: str) -> Iterator[tuple[str, exp.Select]]:
    """The relations that end in `name`: columns `ask` and one per call, all over one input and ranked alike.

    `reads` has its entities numbered. Each relation is a step of its own because each sorts: together they would want
    as much memory as all of them.
    """
    assert reads.keys == ("entity",)
    races: dict[tuple[Window, bool], _Race] = {}
    for call in calls:
        key = _contest(call)
        races.setdefault(key, _Race(f"race_{len(races)}", *key))
    held = list(races.values())
    offsets: dict[int, list[_Race]] = {}
    for race in held:
        offsets.setdefault(edges_of(race.window, reads.view.closed).start_shift, []).append(race)
    bounded = [race for race in held if race.window.length is not None]
    ranked = f"{name}_ranked"
    yield ranked, _ranked(reads, calls)
    sources: list[tuple[str, list[_Race]]] = []
    for number, group in enumerate(offsets.values()):
        sources.append((f"{name}_entered_{number}", group))
        yield sources[-1][0], _entered(reads, group, ranked)
    if bounded:
        sources.append((f"{name}_leaving", bounded))
        yield sources[-1][0], _leaving(reads, bounded, ranked)
    for race in held:
        until = None if reads.times.in_order else visible_until(reads.view, race.window)
        if until is not None:
            sources.append((f"{name}_short_{race.name}", [race]))
            yield sources[-1][0], _short(reads, race, until, ranked)
    query = select([column("ask", "found")], "found")
    query = query.with_("winners", as_=_winners(held, sources), copy=False)
    query = query.with_("found", as_=_found(held, ranked), copy=False)
    for call in calls:
        race = races[_contest(call)]
        answers = shape("race = _race", _race=exp.Literal.string(race.name))
        if race.window != call.window:
            stays = shape("asked.asked_us < found.event_us + _leaves", _leaves=_leaves(reads, call.window))
            answers = both([answers, stays])
        value = shape("ANY_VALUE(x) FILTER (WHERE _answers)", _answers=answers)
        query = query.select(alias(value, call.name), copy=False)
    if any(_contest(call)[0] != call.window for call in calls):
        query = query.join(table(reads.asked, "asked"), on=equal(["ask"], "found", "asked"), copy=False)
    yield name, query.group_by(column("ask", "found"), copy=False)


def _contest(call: Call) -> tuple[Window, bool]:
    """The window of the race that decides the call, and whether the least rank wins it."""
    if call.function == "last":
        return Window(None, call.window.offset), False
    return call.window, call.function in _LEAST


def _ranked(reads: Reads, calls: Sequence[Call]) -> exp.Select:
    """Events whose input is not null, numbered in the order that decides; equal ones have equal values."""
    read = calls[0].input
    assert read is not None
    order = ["x"]
    if calls[0].function in BY_TIME:
        order = ["event_us", *(["known_us"] if reads.times.late else []), "x"]
    times = [
        "event_us",
        *(["known_us"] if reads.times.late else []),
        *(["superseded_us"] if reads.times.versions else []),
    ]
    rows = select([column("entity"), *map(column, times), alias(column(read.name), "x")], reads.events)
    rows = rows.where(shape("_x IS NOT NULL", _x=read.name), copy=False)
    ordered = select([exp.Star()], rows.subquery("events", copy=False)).order_by(*map(column, order), copy=False)
    return select([exp.Star(), alias(shape("ROW_NUMBER() OVER ()"), "rank")], ordered.subquery("in_order", copy=False))


def _entered(reads: Reads, races: Sequence[_Race], ranked: str) -> exp.Select:
    """Before the edge: per ask and race, the best that entered in the ask's own block so far."""
    enters = visible_from(reads.view, races[0].window)
    entrants = [_entrant(reads, race, column("at_us"), forward=True) for race in races]
    events = select([*_event_columns(reads), alias(enters, "at_us")], ranked)
    rows = exp.union(
        select(
            [column("entity"), alias(shape("at_us * 2"), "place"), *_none_asked(), *entrants],
            events.subquery("events", copy=False),
        ),
        select(
            [
                column("entity"),
                alias(shape("asked_us * 2 + 1"), "place"),
                *_asked(),
                *(alias(_segment(race, column("asked_us"), forward=True), race.name) for race in races),
            ],
            reads.asked,
        ),
        distinct=False,
        copy=False,
    )
    best = [alias(_best(race), race.name) for race in races]
    return select([column("ask"), *best], _run(rows, races)).where(shape("ask IS NOT NULL"), copy=False)


def _leaving(reads: Reads, races: Sequence[_Race], ranked: str) -> exp.Select:
    """Behind the edge: per ask and race, the best of those that entered before the ask's block and leave after it."""
    arms: list[exp.Expr] = []
    leaves = {race.window: _leaves(reads, race.window) for race in races}
    entrants = [
        _entrant(reads, race, shape("event_us + _leaves", _leaves=leaves[race.window]), forward=False) for race in races
    ]
    arms.append(select([column("entity"), alias(shape("event_us * -2"), "place"), *_none_asked(), *entrants], ranked))
    for window in leaves:
        # Events that leave at the very instant asked stand behind the probe.
        place = shape("(asked_us - _leaves) * -2 - 1", _leaves=leaves[window])
        segments = [
            alias(
                _segment(race, column("asked_us"), forward=False)
                if race.window == window
                else whole_number(0, "hugeint"),
                race.name,
            )
            for race in races
        ]
        arms.append(select([column("entity"), alias(place, "place"), *_asked(), *segments], reads.asked))
    best = [alias(exp.Max(this=_best(race)), race.name) for race in races]
    found = select([column("ask"), *best], _run(union(arms), races)).where(shape("ask IS NOT NULL"), copy=False)
    return found.group_by(column("ask"), copy=False)


def _short(reads: Reads, race: _Race, until: exp.Expr, ranked: str) -> exp.Select:
    """No edge: per ask, the best of those that come and go within one block, by buckets as long as their stay."""
    spans = select([*_event_columns(reads), alias(visible_from(reads.view, race.window), "visible_from")], ranked)
    condition = exp.Not(this=exp.Paren(this=_crosses(reads, race.window)))
    spans = spans.select(alias(until, "visible_until"), copy=False)
    stays = select(
        [
            column("visible_from"),
            column("visible_until"),
            column("entity"),
            alias(race.entrant, "entrant"),
            alias(shape("CAST(CEIL(LOG2(visible_until - visible_from) / 2) AS INTEGER)"), "level"),
        ],
        spans.subquery("spans", copy=False),
    ).where(both([condition, shape("visible_from < visible_until")]), copy=False)
    bucket = "(_instant + _above) // (CAST(1 AS BIGINT) << (2 * level))"
    first = shape(bucket, _instant="visible_from", _above=_ABOVE_ZERO)
    last = shape(bucket, _instant=shape("visible_until - 1"), _above=_ABOVE_ZERO)
    buckets = select(
        [exp.Star(), alias(shape("UNNEST(RANGE(_first, _last + 1))", _first=first, _last=last), "bucket")],
        stays.subquery("stays", copy=False),
    )
    levels = select([column("level")], "stays_in_buckets").distinct(copy=False)
    asks = select(
        [
            column("ask"),
            column("entity"),
            column("asked_us"),
            column("level"),
            alias(shape(bucket, _instant="asked_us", _above=_ABOVE_ZERO), "bucket"),
        ],
        table(reads.asked, "asked"),
    ).join(levels.subquery("levels", copy=False), join_type="CROSS", copy=False)
    matches = [
        equal(["entity", "level", "bucket"], "asks", "stays_in_buckets"),
        shape("asks.asked_us >= stays_in_buckets.visible_from"),
        shape("asks.asked_us < stays_in_buckets.visible_until"),
    ]
    return (
        select(
            [column("ask", "asks"), alias(exp.Max(this=column("entrant")), race.name)],
            asks.subquery("asks", copy=False),
        )
        .with_("stays_in_buckets", as_=buckets, copy=False)
        .join(table("stays_in_buckets"), on=both(matches), copy=False)
        .group_by(column("ask", "asks"), copy=False)
    )


def _winners(races: Sequence[_Race], sources: Sequence[tuple[str, list[_Race]]]) -> exp.Select:
    """Per ask the best rank of each race over all sources; null without any."""
    arms = [
        select(
            [
                column("ask"),
                *(
                    column(race.name) if race in held else alias(exp.cast(exp.Null(), "bigint"), race.name)
                    for race in races
                ),
            ],
            name,
        )
        for name, held in sources
    ]
    every = exp.Subquery(this=union(arms), alias=exp.TableAlias(this=exp.to_identifier("every")))
    best = [alias(race.rank_of(exp.Max(this=column(race.name))), race.name) for race in races]
    return select([column("ask"), *best], every).group_by(column("ask"), copy=False)


def _found(races: Sequence[_Race], ranked: str) -> exp.Select:
    """Each winner's value: `ask`, `race`, `event_us`, `x`."""
    arms: list[exp.Expr] = []
    for race in races:
        name = exp.Literal.string(race.name)
        arms.append(
            select([column("ask"), alias(name, "race"), alias(column(race.name), "rank")], "winners").where(
                shape("_rank IS NOT NULL", _rank=race.name), copy=False
            )
        )
    by_race = exp.Subquery(this=union(arms), alias=exp.TableAlias(this=exp.to_identifier("by_race")))
    columns = [column("ask", "by_race"), column("race", "by_race"), column("event_us", "ranked"), column("x", "ranked")]
    return select(columns, by_race).join(table(ranked, "ranked"), on=equal(["rank"], "by_race", "ranked"), copy=False)


def _run(rows: exp.Expr, races: Sequence[_Race]) -> exp.Expr:
    """The rows in order, each with the greatest entry so far per race: `run_<race>`."""
    timeline = exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier("timeline")))
    ordered = select([exp.Star()], timeline).order_by(column("entity"), column("place"), copy=False)
    runs = [
        alias(
            exp.Window(
                this=exp.Max(this=shape("CASE WHEN ask IS NULL THEN _race END", _race=race.name)), spec=_RUN.copy()
            ),
            f"run_{race.name}",
        )
        for race in races
    ]
    return select(
        [column("ask"), *(column(race.name) for race in races), *runs], ordered.subquery("in_order", copy=False)
    ).subquery("running", copy=False)


def _best(race: _Race) -> exp.Expr:
    """The number of the best entry so far, if it entered the probe's own block; the probe's column is its segment."""
    return shape(
        "CASE WHEN _run >> _bits = _segment THEN CAST(_run & _mask AS BIGINT) END",
        _run=f"run_{race.name}",
        _bits=_RANK_BITS + 1,
        _segment=race.name,
        _mask=(1 << (_RANK_BITS + 1)) - 1,
    )


def _entrant(reads: Reads, race: _Race, instant: exp.Expr, *, forward: bool) -> exp.Expr:
    """An event's entry: its segment above, its number below; null when it stays within a block."""
    entry = shape(
        "(_segment << _bits) + _entrant",
        _segment=exp.Paren(this=_segment(race, instant, forward=forward)),
        _bits=_RANK_BITS + 1,
        _entrant=race.entrant,
    )
    if reads.times.in_order:
        return alias(entry, race.name)
    return alias(exp.Case().when(_crosses(reads, race.window), entry, copy=False), race.name)


def _segment(race: _Race, instant: exp.Expr, *, forward: bool) -> exp.Expr:
    """Entity and block of an instant in one number, which grows along the timeline."""
    entity = shape("CAST(entity AS HUGEINT) << _bits", _bits=_BLOCK_BITS)
    if race.window.length is None:
        return entity
    block = _block(race.window, instant)
    if not forward:
        block = shape("_blocks - _block", _blocks=whole_number(_BLOCKS, "bigint"), _block=block)
    return shape("_entity + _block", _entity=entity, _block=block)


def _block(window: Window, instant: exp.Expr) -> exp.Expr:
    return shape("(_instant + _above) // _length", _instant=instant, _above=_ABOVE_ZERO, _length=_stay(window))


def _stay(window: Window) -> int:
    """No interval of the window is longer."""
    assert window.length is not None
    return window.length.microseconds + 1


def _crosses(reads: Reads, window: Window) -> exp.Expr:
    """Whether an event's visibility reaches over an edge and ends by age."""
    alive = shape("superseded_us IS NULL")
    if window.length is None:
        return alive if reads.times.versions else exp.true()
    enters = visible_from(reads.view, window)
    leaves = shape("event_us + _leaves", _leaves=_leaves(reads, window))
    crosses = shape("_from < _until", _from=_block(window, enters), _until=_block(window, leaves))
    if not reads.times.versions:
        return crosses
    strict = edges_of(window, reads.view.closed).known_shift
    outlives = shape("superseded_us + _strict >= _leaves", _strict=strict, _leaves=leaves.copy())
    return both([crosses, exp.Paren(this=exp.Or(this=alive, expression=outlives))])


def _leaves(reads: Reads, window: Window) -> int:
    leaves = edges_of(window, reads.view.closed).end_shift
    assert leaves is not None
    return leaves


def _event_columns(reads: Reads) -> list[exp.Expr]:
    times = [
        "event_us",
        *(["known_us"] if reads.times.late else []),
        *(["superseded_us"] if reads.times.versions else []),
    ]
    return [column("entity"), column("rank"), *map(column, times)]


def _none_asked() -> Iterator[exp.Expr]:
    yield alias(exp.cast(exp.Null(), "bigint"), "ask")


def _asked() -> Iterator[exp.Expr]:
    yield column("ask")
