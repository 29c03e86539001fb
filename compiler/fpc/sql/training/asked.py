"""Which instants are asked of a view: a spine row's own, or the grid point that the online store served then."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from fpc.model.nodes import FeatureView, Mode
from fpc.sql.training.cron import lower_cron_points
from fpc.sql.training.names import inner_key
from fpc.sql.training.shapes import alias, column, same, select, shape, table
from fpc.types.logical import LogicalType

#: Moves every instant since 10,000 BC above zero, because the engine's `//` rounds towards zero.
_ABOVE_ZERO: Final = 400_000_000_000_000_000


def lower_asked(view: FeatureView, mode: Mode, instants: str) -> exp.Select:
    """One row per instant to compute: `ask` (a number), the entity's keys and `asked_us`.

    `instants` has the spine's rows: `_spine_row`, keys by name, `_at_us`. In mode exact each row asks for itself; as
    served, rows of one entity between two grid points share an ask, which is named for the first of them. A null
    key asks too: it meets no event, and so gets the values of an empty group.
    """
    keys = [alias(as_key(key.name, key.type), inner_key(key.name)) for key in view.entity.keys]
    if mode is Mode.EXACT:
        return select([alias(column("_spine_row"), "ask"), *keys, alias(column("_at_us"), "asked_us")], instants)
    names = [column(inner_key(key.name)) for key in view.entity.keys]
    return (
        select([alias(shape("MIN(_spine_row)"), "ask"), *names, column("asked_us")], "served")
        .with_("served", as_=lower_served(view, instants), copy=False)
        .group_by(*(name.copy() for name in names), column("asked_us"), copy=False)
    )


def lower_answers(view: FeatureView, mode: Mode, instants: str, asked: str) -> exp.Select:
    """Which ask answers each spine row: `spine_row`, `ask`; a row that nothing was served to is left out."""
    if mode is Mode.EXACT:
        return select([column("ask").as_("spine_row"), column("ask")], asked)
    names = [*(inner_key(key.name) for key in view.entity.keys), "asked_us"]
    return (
        select([alias(column("_spine_row", "served"), "spine_row"), column("ask", "asked")], "served")
        .with_("served", as_=lower_served(view, instants), copy=False)
        .join(table(asked, "asked"), on=same(names, "served", "asked"), copy=False)
    )


def lower_served(view: FeatureView, instants: str) -> exp.Select:
    """Per spine row the grid point served at its instant: `_spine_row`, keys, `asked_us`; rows too old are left out."""
    keys = [alias(as_key(key.name, key.type), inner_key(key.name)) for key in view.entity.keys]
    fresh = None
    if view.online_ttl is not None:
        fresh = shape("_at_us - asked_us <= _ttl", _ttl=view.online_ttl.microseconds)
    if view.grid.every is not None:
        every = view.grid.every.microseconds
        lift = every * (_ABOVE_ZERO // every)
        point = shape(
            "(_at_us + _lift) // _every * _every - _above",
            _lift=lift - view.delay.microseconds,
            _every=every,
            _above=lift,
        )
        inner = select([column("_spine_row"), *keys, column("_at_us"), alias(point, "asked_us")], instants)
    else:
        assert view.grid.cron is not None
        delay = view.delay.microseconds
        span = select(
            [shape("MIN(_at_us) - _delay", _delay=delay), shape("MAX(_at_us) - _delay", _delay=delay)], instants
        )
        points = lower_cron_points(view.grid.cron, _bound(span, 0), _bound(span, 1))
        delayed = shape("instants._at_us - _delay >= points.asked_us", _delay=delay)
        inner = select(
            [column("_spine_row"), *keys, column("_at_us"), column("asked_us", "points")], table(instants, "instants")
        ).join(points.subquery("points", copy=False), join_type="ASOF", on=delayed, copy=False)
    served = select(
        [column("_spine_row"), *(column(inner_key(key.name)) for key in view.entity.keys), column("asked_us")],
        inner.subquery("scheduled", copy=False),
    )
    return served if fresh is None else served.where(fresh, copy=False)


def as_key(name: str, type_: LogicalType) -> exp.Expr:
    """The spine's key column in the type of the entity's key."""
    return exp.cast(column(name), exp.DataType.build(str(type_), dialect="duckdb"), copy=False)


def _bound(span: exp.Select, place: int) -> exp.Expr:
    chosen = span.copy()
    chosen.set("expressions", [span.expressions[place].copy()])
    return exp.Subquery(this=chosen)
