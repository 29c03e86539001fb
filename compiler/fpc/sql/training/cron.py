"""The instants of a cron schedule as SQL: days that match, times their hours and minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cronsim import CronSim
from sqlglot import exp

from fpc.model.cron_pause import longest_pause_days
from fpc.sql.training.shapes import shape

_MICROSECONDS: Final = {"day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}


def lower_cron_points(cron: str, first: exp.Expr, last: exp.Expr) -> exp.Select:
    """Every instant of the cron (UTC) from some time before `first` up to `last`: one column, `asked_us`.

    Starts so early, by the schedule's longest pause, that the latest instant at or before `first` is among them.
    """
    parsed = CronSim(cron, datetime(2000, 1, 1))
    days = exp.select(
        shape(
            "UNNEST(GENERATE_SERIES(_first, _last, _day))",
            _first=_midnight(first, longest_pause_days(cron)),
            _last=_midnight(last, 0),
            _day=_MICROSECONDS["day"],
        ).as_("day_us")
    )
    dated = exp.select("day_us", shape("CAST(MAKE_TIMESTAMP(day_us) AS DATE)").as_("day")).from_(days.subquery("days"))
    matching = exp.select("day_us").from_(dated.subquery("dated")).where(_matches(parsed))
    point = shape("day_us + hour_us + minute_us + second_us")
    times = {
        "hour_us": [hour * _MICROSECONDS["hour"] for hour in sorted(parsed.hours)],
        "minute_us": [minute * _MICROSECONDS["minute"] for minute in sorted(parsed.minutes)],
        "second_us": [second * _MICROSECONDS["second"] for second in sorted(parsed.seconds)],
    }
    points = exp.select(point.as_("asked_us")).from_(matching.subquery("matching"))
    for name, values in times.items():
        unnested = exp.select(exp.Unnest(expressions=[exp.array(*(exp.Literal.number(v) for v in values))]).as_(name))
        points = points.join(unnested.subquery(name), join_type="cross")
    return points


def _midnight(instant: exp.Expr, days_earlier: int) -> exp.Expr:
    # Above zero while dividing, because // rounds towards zero; a whole number of days later back again.
    day = _MICROSECONDS["day"]
    above = day * 4_000_000
    return shape(
        "(_instant + _above) // _day * _day - _back",
        _instant=instant,
        _above=above,
        _day=day,
        _back=above + days_earlier * day,
    )


def _matches(parsed: CronSim) -> exp.Expr:
    month = _among("EXTRACT(MONTH FROM day)", parsed.months)
    by_date, by_weekday = _dates(parsed), _weekdays(parsed)
    day = exp.and_(by_date, by_weekday) if parsed.day_and else exp.or_(by_date, by_weekday)
    return exp.and_(month, day)


def _dates(parsed: CronSim) -> exp.Expr:
    days: set[int] = set(parsed.days)
    found = [_among("EXTRACT(DAY FROM day)", {day for day in days if day > 0} or {0})]
    if CronSim.LAST in days:
        found.append(shape("day = LAST_DAY(day)"))
    if CronSim.LAST_WEEKDAY in days:
        # The last day of a month, or the Friday before where that is at a weekend.
        weekday = "LAST_DAY(day) - GREATEST(CAST(EXTRACT(ISODOW FROM LAST_DAY(day)) AS INTEGER) - 5, 0)"
        found.append(shape(f"day = {weekday}"))
    return exp.or_(*found)


def _weekdays(parsed: CronSim) -> exp.Expr:
    whole = {day % 7 for day in parsed.weekdays if isinstance(day, int)}
    found = [_among("EXTRACT(DOW FROM day)", whole or {-1})]
    for day, which in (pair for pair in parsed.weekdays if isinstance(pair, tuple)):
        if which == CronSim.LAST:
            found.append(shape("EXTRACT(DOW FROM day) = _day AND day + 7 > LAST_DAY(day)", _day=day % 7))
        else:
            found.append(
                shape(
                    "EXTRACT(DOW FROM day) = _day AND (EXTRACT(DAY FROM day) + 6) // 7 = _which",
                    _day=day % 7,
                    _which=which,
                )
            )
    return exp.or_(*found)


def _among(part: str, values: set[int]) -> exp.Expr:
    return exp.In(this=shape(part), expressions=[exp.Literal.number(value) for value in sorted(values)])
