"""From a source's raw rows to staged events: declared types, instants in UTC, and which version followed when."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from fpc.model.nodes import Column, Source, TimeColumn
from fpc.types.logical import Kind

EVENT_AT, KNOWN_AT, SUPERSEDED_AT = "event_at", "known_at", "superseded_at"

_EPOCH = {
    unit: sqlglot.parse_one(text, dialect="duckdb")
    for unit, text in (
        ("s", "MAKE_TIMESTAMPTZ(CAST(FLOOR(CAST(x AS DECIMAL(28, 6)) * 1000000) AS BIGINT))"),
        ("ms", "MAKE_TIMESTAMPTZ(CAST(FLOOR(CAST(x AS DECIMAL(28, 6)) * 1000) AS BIGINT))"),
        ("us", "MAKE_TIMESTAMPTZ(CAST(FLOOR(x) AS BIGINT))"),
        ("ns", "MAKE_TIMESTAMPTZ(CAST(FLOOR(CAST(x AS DECIMAL(28, 3)) * 0.001) AS BIGINT))"),
    )
}


def lower_staging(source: Source, relation: exp.Expr) -> exp.Select:
    """The staged relation of a source.

    Columns: the declared ones in order, each of its declared type (a naive timestamp read in the source's timezone),
    then `event_at`, `known_at` and, null where there is none, `superseded_at`: when the next version of the row
    became known. Rows that the source's check refuses are left out (see `lower_refused`).
    """
    accepted = exp.select(exp.Star()).from_("timed").where(*_accepted(source))
    accepted.set("comments", None)
    staged = (
        exp.select(exp.Star(), _superseded_at(source).as_(SUPERSEDED_AT))
        .from_("accepted")
        .with_("typed", as_=_typed(source, relation))
        .with_("timed", as_=_timed(source))
        .with_("accepted", as_=accepted)
    )
    _comment(staged, "typed", f"Every column of source {source.name} in its declared type; instants in UTC.")
    _comment(staged, "timed", "When each row happened, and from when it could be known.")
    _comment(
        staged, "accepted", "Rows without a time or key, or known before they happened, are refused and counted apart."
    )
    return staged


def lower_refused(source: Source, relation: exp.Expr) -> exp.Select:
    """How many rows staging refuses, by the first reason that holds: columns `reason`, `refused_rows`."""
    reason = exp.Case()
    for condition, text in _refusals(source):
        reason = reason.when(condition, exp.Literal.string(text))
    judged = exp.select(reason.as_("reason")).from_("timed")
    refused = (
        exp.select(exp.column("reason"), exp.Count(this=exp.Star()).as_("refused_rows"))
        .from_("judged")
        .where(exp.column("reason").is_(exp.Null()).not_())
        .group_by("1", dialect="duckdb")
        .order_by("1", dialect="duckdb")
        .with_("typed", as_=_typed(source, relation))
        .with_("timed", as_=_timed(source))
        .with_("judged", as_=judged)
    )
    _comment(refused, "judged", "The first reason for which a row is refused, if any.")
    return refused


def times_of(source: Source) -> tuple[str, ...]:
    """The time columns that staging adds behind the declared ones; one that is declared under its name is not added."""
    declared = {column.name for column in source.columns}
    return tuple(name for name in (EVENT_AT, KNOWN_AT, SUPERSEDED_AT) if name not in declared)


def _typed(source: Source, relation: exp.Expr) -> exp.Select:
    return exp.select(*(_cast(source, column).as_(column.name) for column in source.columns)).from_(relation.copy())


def _cast(source: Source, column: Column) -> exp.Expr:
    value = exp.column(column.name)
    cast = exp.cast(value, exp.DataType.build(str(column.type), dialect="duckdb"))
    if column.type.kind is Kind.TIMESTAMP:
        return exp.AtTimeZone(this=cast, zone=exp.Literal.string(source.timezone))
    return cast


def _timed(source: Source) -> exp.Select:
    known = source.known_time or source.event_time
    times = ((EVENT_AT, source.event_time), (KNOWN_AT, known))
    added = times_of(source)
    columns = [_instant(time).as_(name) for name, time in times if name in added]
    return exp.select(exp.Star(), *columns).from_("typed")


def _instant(time: TimeColumn) -> exp.Expr:
    if time.unit is None:
        return exp.column(time.column)
    return _EPOCH[time.unit].transform(
        lambda node: exp.column(time.column) if isinstance(node, exp.Column) and node.name == "x" else node
    )


def _refusals(source: Source) -> Iterator[tuple[exp.Expr, str]]:
    event_at, known_at = exp.column(EVENT_AT), exp.column(KNOWN_AT)
    yield event_at.is_(exp.Null()), "event time is null"
    if source.known_time is not None:
        yield known_at.is_(exp.Null()), "known time is null"
        yield exp.LT(this=known_at, expression=event_at), "known before it happened"
    for key in source.unique_key:
        yield exp.column(key).is_(exp.Null()), f"unique key {key} is null"


def _accepted(source: Source) -> Iterator[exp.Expr]:
    event_at, known_at = exp.column(EVENT_AT), exp.column(KNOWN_AT)
    yield event_at.is_(exp.Null()).not_()
    if source.known_time is not None:
        yield exp.GTE(this=known_at, expression=event_at)
    for key in source.unique_key:
        yield exp.column(key).is_(exp.Null()).not_()


def _superseded_at(source: Source) -> exp.Expr:
    if not source.unique_key:
        return exp.cast(exp.Null(), "timestamptz")
    # Among versions known at the same microsecond the greatest in this order is the last, and the others never count.
    names = (KNOWN_AT, EVENT_AT, *(column.name for column in source.columns))
    order = [exp.Ordered(this=exp.column(name), nulls_first=True) for name in dict.fromkeys(names)]
    return exp.Window(
        this=exp.Lead(this=exp.column(KNOWN_AT)),
        partition_by=[exp.column(key) for key in source.unique_key],
        order=exp.Order(expressions=order),
    )


def _comment(select: exp.Select, cte: str, text: str) -> None:
    for found in select.ctes:
        if found.alias == cte:
            found.comments = [text]
