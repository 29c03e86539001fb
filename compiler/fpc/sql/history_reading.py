"""Which raw rows a stretch of grid points needs, as a condition that the engine pushes into the files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from fpc.contract.backfill import PartitionBound, SourceReading, TimeBound
from fpc.model.nodes import FeatureView, Source, TimeColumn
from fpc.plan.nodes import build
from fpc.sql.events import columns_read
from fpc.sql.training.shapes import both, column, shape
from fpc.types.logical import Kind

#: Local time is less than a day off UTC.
_SLACK: Final = 86_400_000_000
_PER_SECOND: Final = {"s": (1, 1_000_000), "ms": (1, 1_000), "us": (1, 1), "ns": (1_000, 1)}
_PARTITIONS: Final = (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.VARCHAR)


def lower_reading(view: FeatureView) -> SourceReading:
    """What the view reads of its source between the variables `oldest_us` and `newest_us`.

    Rows that happened or became known after `newest_us` count at no point of the stretch. Those before `oldest_us` do
    not either, but may be older versions of later ones, or be followed by such: with versions all of them are read.
    """
    source = view.source
    reach = None if source.unique_key else build(view).snapshot.visible.hull.reach
    event = _bound(source, source.event_time)
    known = None if source.known_time is None else _bound(source, source.known_time)
    conditions = list(_conditions(source, has_start=reach is not None))
    return SourceReading(
        both(conditions).sql(dialect="duckdb", identify=True),
        reach,
        event,
        known,
        _partition(source),
        _raw_columns(view),
    )


def _conditions(source: Source, *, has_start: bool) -> Iterator[exp.Expr]:
    for time in dict.fromkeys((source.event_time, source.known_time or source.event_time)):
        yield exp.LTE(this=_raw(source, time), expression=_instant(source, time, "newest_us", 1))
    if has_start:
        time = source.event_time
        yield exp.GTE(this=_raw(source, time), expression=_instant(source, time, "oldest_us", -1))


def _raw(source: Source, time: TimeColumn) -> exp.Expr:
    declared = next(found for found in source.columns if found.name == time.column)
    return exp.cast(column(time.column), exp.DataType.build(str(declared.type), dialect="duckdb"))


def _instant(source: Source, time: TimeColumn, variable: str, towards: int) -> exp.Expr:
    """The variable as the raw column spells instants, moved a little outwards where that is not exact."""
    given = exp.Anonymous(this="GETVARIABLE", expressions=[exp.Literal.string(variable)])
    if time.unit is not None:
        times, parts = _PER_SECOND[time.unit]
        scaled = shape("_given // _parts", _given=given, _parts=parts) if parts > 1 else given
        if times > 1:
            # Nanoseconds in 64 bits reach from 1677 to 2262.
            scaled = shape("LEAST(GREATEST(_given, -9000000000000000), 9000000000000000) * _times", _given=given,
                           _times=times)  # fmt: skip
        return shape("_scaled + _slack", _scaled=scaled, _slack=towards * max(times, 1))
    slack = _bound(source, time).slack_us
    moved = shape("_given + _slack", _given=given, _slack=towards * slack) if slack else given
    naive = _kind(source, time) is Kind.TIMESTAMP
    return shape("MAKE_TIMESTAMP(_us)" if naive else "MAKE_TIMESTAMPTZ(_us)", _us=moved)


def _bound(source: Source, time: TimeColumn) -> TimeBound:
    is_local = time.unit is None and _kind(source, time) is Kind.TIMESTAMP and source.timezone != "UTC"
    return TimeBound(time.column, time.unit, _SLACK if is_local else 0)


def _kind(source: Source, time: TimeColumn) -> Kind:
    return next(found.type.kind for found in source.columns if found.name == time.column)


def _partition(source: Source) -> PartitionBound | None:
    if source.partition_by is None:
        return None
    name = source.partition_by.column
    kinds = [found.type.kind for found in source.columns if found.name == name]
    if kinds and kinds[0] not in _PARTITIONS:
        return None
    # Files may be named after the day on which rows arrived: only a known time says that it was not later.
    return PartitionBound(name, source.partition_by.grain, source.known_time is not None)


def _raw_columns(view: FeatureView) -> tuple[str, ...]:
    source = view.source
    if source.unique_key:
        return tuple(declared.name for declared in source.columns)
    times = [time.column for time in (source.event_time, source.known_time) if time is not None]
    where = [] if view.where is None else [found.name for found in view.where.find_all(exp.Column)]
    read = {*columns_read(view), *times, *where}
    return tuple(declared.name for declared in source.columns if declared.name in read)
