"""From a source's raw rows to staged events: declared types, instants in UTC, and which version followed when."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from fpc.model.nodes import Column, Source, TimeColumn
from fpc.plan.versions import shared_columns
from fpc.sql.trees import cast, clone, column, disjunction, is_not_null, is_null, named, rebuild, select, with_steps
from fpc.types.logical import Kind, LogicalType

EVENT_AT, KNOWN_AT, SUPERSEDED_AT = "event_at", "known_at", "superseded_at"

#: The first and the last instant that an event may have: the years 1 to 9999 of UTC.
_FIRST, _LAST = "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"
_EARLY, _LATE, _UNKNOWN = "__early", "__late", "__unknown"

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
    steps = {
        "typed": _typed(source, relation),
        "timed": _timed(source),
        "accepted": select([exp.Star()], "timed", where=_accepted(source)),
    }
    comments = {
        "typed": f"Every column of source {source.name} in its declared type; instants in UTC.",
        "timed": "When each row happened, and from when it could be known.",
        "accepted": "Rows without a time or key, or known before they happened, are refused and counted apart.",
    }
    staged = [exp.Star(), named(_superseded_at(source), SUPERSEDED_AT)]
    return with_steps(select(staged, "accepted"), steps, comments)


def lower_refused(source: Source, relation: exp.Expr) -> exp.Select:
    """How many rows staging refuses, by the first reason that holds: columns `reason`, `refused_rows`."""
    reason = exp.Case()
    for condition, text in _refusals(source):
        reason = reason.when(condition, exp.Literal.string(text))
    steps = {
        "typed": _typed(source, relation),
        "timed": _timed(source),
        "dated": select([exp.Star(), *_out_of_calendar(source)], "timed"),
        "judged": select([named(reason, "reason")], "dated"),
    }
    counted = [column("reason"), named(exp.Count(this=exp.Star()), "refused_rows")]
    refused = select(counted, "judged", where=[is_not_null(column("reason"))], group_by=1, order_by=1)
    return with_steps(refused, steps, {"judged": "The first reason for which a row is refused, if any."})


def lower_changed(source: Source, relation: exp.Expr) -> exp.Select:
    """The keys of which rows differ in what all versions are declared to share (see `fpc.plan.versions`).

    Columns: the unique key, then of each shared column `x` its `least_x` and `greatest_x`. A null is a value too.
    """
    steps = {
        "typed": _typed(source, relation),
        "timed": _timed(source),
        "accepted": select([exp.Star()], "timed", where=_accepted(source)),
    }
    found: list[exp.Expr] = []
    differ: list[exp.Expr] = []
    for name in shared_columns(source):
        least, greatest = exp.Min(this=column(name)), exp.Max(this=column(name))
        found += [named(least, f"least_{name}"), named(greatest, f"greatest_{name}")]
        differ.append(exp.NEQ(this=clone(least), expression=clone(greatest)))
        if name != EVENT_AT:
            present, rows = exp.Count(this=column(name)), exp.Count(this=exp.Star())
            bounds = {"low": exp.Literal.number(1), "high": exp.Sub(this=rows, expression=exp.Literal.number(1))}
            differ.append(exp.Between(this=present, **bounds))
    keys = [column(name) for name in source.unique_key]
    changed = select([*keys, *found], "accepted", group_by=len(keys)).having(disjunction(differ), copy=False)
    return with_steps(changed, steps, {"accepted": "Rows that staging refuses are no versions."})


def lower_newest(source: Source, relation: exp.Expr) -> exp.Select:
    """When the newest accepted row happened, and when the last one became known: one row, `event_us` and `known_us`."""
    steps = {"typed": _typed(source, relation), "timed": _timed(source)}
    newest = [
        named(exp.func("EPOCH_US", exp.Max(this=column(time))), name)
        for time, name in ((EVENT_AT, "event_us"), (KNOWN_AT, "known_us"))
    ]
    return with_steps(select(newest, "timed", where=_accepted(source)), steps, {})


def times_of(source: Source) -> tuple[str, ...]:
    """The time columns that staging adds behind the declared ones; one that is declared under its name is not added."""
    declared = {found.name for found in source.columns}
    return tuple(name for name in (EVENT_AT, KNOWN_AT, SUPERSEDED_AT) if name not in declared)


def _typed(source: Source, relation: exp.Expr) -> exp.Select:
    typed = exp.Select(expressions=[named(_cast(source, declared), declared.name) for declared in source.columns])
    typed.set("from_", exp.From(this=clone(relation)))
    return typed


def _cast(source: Source, declared: Column) -> exp.Expr:
    value = cast(column(declared.name), declared.type)
    if declared.type.kind is Kind.TIMESTAMP:
        return exp.AtTimeZone(this=value, zone=exp.Literal.string(source.timezone))
    return value


def _timed(source: Source) -> exp.Select:
    known = source.known_time or source.event_time
    times = ((EVENT_AT, source.event_time), (KNOWN_AT, known))
    added = times_of(source)
    return select([exp.Star(), *(named(_read_time(time), name) for name, time in times if name in added)], "typed")


def _read_time(time: TimeColumn) -> exp.Expr:
    if time.unit is None:
        return column(time.column)
    return rebuild(_EPOCH[time.unit], lambda node: column(time.column) if isinstance(node, exp.Column) else None)


def _refusals(source: Source) -> Iterator[tuple[exp.Expr, str]]:
    yield is_null(column(EVENT_AT)), "event time is null"
    yield column(_EARLY), "event time is before the year 1"
    yield column(_LATE), "event time is after the year 9999"
    if source.known_time is not None:
        yield is_null(column(KNOWN_AT)), "known time is null"
        yield exp.LT(this=column(KNOWN_AT), expression=column(EVENT_AT)), "known before it happened"
        yield column(_UNKNOWN), "known time is after the year 9999"
    for key in source.unique_key:
        yield is_null(column(key)), f"unique key {key} is null"


def _out_of_calendar(source: Source) -> Iterator[exp.Expr]:
    yield named(exp.LT(this=column(EVENT_AT), expression=_instant(_FIRST)), _EARLY)
    yield named(exp.GT(this=column(EVENT_AT), expression=_instant(_LAST)), _LATE)
    if source.known_time is not None:
        yield named(exp.GT(this=column(KNOWN_AT), expression=_instant(_LAST)), _UNKNOWN)


def _accepted(source: Source) -> Iterator[exp.Expr]:
    # Neither null nor what databases put at the ends of time: windows reckon with instants that can be moved.
    yield exp.GTE(this=column(EVENT_AT), expression=_instant(_FIRST))
    yield exp.LTE(this=column(EVENT_AT), expression=_instant(_LAST))
    if source.known_time is not None:
        yield exp.GTE(this=column(KNOWN_AT), expression=column(EVENT_AT))
        yield exp.LTE(this=column(KNOWN_AT), expression=_instant(_LAST))
    for key in source.unique_key:
        yield is_not_null(column(key))


def _instant(text: str) -> exp.Expr:
    return cast(exp.Literal.string(text), LogicalType(Kind.TIMESTAMPTZ))


def _superseded_at(source: Source) -> exp.Expr:
    if not source.unique_key:
        return cast(exp.Null(), LogicalType(Kind.TIMESTAMPTZ))
    # Among versions known at the same microsecond the greatest in this order is the last, and the others never count.
    names = (KNOWN_AT, EVENT_AT, *(declared.name for declared in source.columns))
    order = [exp.Ordered(this=column(name), nulls_first=True) for name in dict.fromkeys(names)]
    return exp.Window(
        this=exp.Lead(this=column(KNOWN_AT)),
        # What all versions share stands here too, so that a condition on it passes through to the files.
        partition_by=[column(name) for name in dict.fromkeys((*source.unique_key, *shared_columns(source)))],
        order=exp.Order(expressions=order),
    )
