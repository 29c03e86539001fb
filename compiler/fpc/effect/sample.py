"""The values of a view before and after a change, for the same entities at the same instant, side by side.

Both sides are computed from the raw rows as they are now, as `fpc preview` does: nothing of what is served is read, and
nothing is written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa
from sqlglot import exp

from fpc.change.nodes import Change, Class
from fpc.effect.nodes import QUANTILES, ChangedRow, FeatureEffect, ViewEffect
from fpc.emit.dbt.staged_rows import timestamp_text
from fpc.model.nodes import FeatureView, Model
from fpc.preview import attach_rows
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.quoting import literal, quoted
from fpc.runtime.raw_rows import Place, first_line
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import EVENT_AT, lower_staging
from fpc.sql.text import render
from fpc.types.logical import LogicalType

_SEED: Final = "fpc plan"
_ROWS: Final = 5
#: Floats that agree to so many parts are the same value: see docs/semantics.md, Exactness.
_TOLERANCE: Final = "1e-9"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is looked at: so many entities a view, so many seconds in all."""

    entities: int = 10_000
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class _Side:
    """One state of the view: its rows, and the one row of an entity without any."""

    view: FeatureView
    rows: pa.Table
    empty: pa.Table
    entities: int
    last: str


def sample(
    before: Model, after: Model, change: Change, at_us: int, place: Place, bounds: Bounds, deadline: float
) -> ViewEffect:
    """The effect of one view's change at an instant; `deadline` is by `time.monotonic`."""
    changed = [part for part in change.parts if Class.VALUE in part or Class.TYPE in part]
    pairs = [(part.before_name.partition(".")[2], part.name.partition(".")[2]) for part in changed]
    try:
        old = _side(before, before.views[change.before_name], at_us, place, bounds.entities, None, deadline)
        new = _side(after, after.views[change.name], at_us, place, bounds.entities, old.last, deadline)
        return _compared(old, new, pairs, change.name, at_us)
    except FpcRuntimeError as error:
        return ViewEffect(change.name, at_us, note=error.message)
    except duckdb.InterruptException:
        return ViewEffect(change.name, at_us, note=f"looking at it takes longer than {bounds.seconds:.0f} s")
    except duckdb.Error as error:
        return ViewEffect(
            change.name, at_us, note=f"it cannot be computed from the rows that are there: {first_line(error)}"
        )


def _side(
    model: Model, view: FeatureView, at_us: int, place: Place, most: int, last: str | None, deadline: float
) -> _Side:
    """The view's rows of the entities whose place in a seeded order is not behind `last`, or of the first `most`."""
    as_of = exp.cast(exp.Literal.string(timestamp_text(at_us)), "timestamptz")
    with duckdb.connect(config={"threads": 2}) as connection, _until(deadline, connection):
        connection.execute("SET TimeZone = 'UTC'")
        relation = attach_rows(connection, model, view, place)
        staging = exp.to_table("staging")
        connection.execute(
            render(exp.Create(this=staging, kind="VIEW", expression=lower_staging(view.source, relation)))
        )
        keys = ", ".join(quoted(column) for _, column in view.key_columns)
        spelled = ", ".join(f"CAST({quoted(column)} AS VARCHAR)" for _, column in view.key_columns)
        present = " AND ".join(f"{quoted(column)} IS NOT NULL" for _, column in view.key_columns)
        connection.execute(
            f"CREATE TEMP TABLE keys AS SELECT *, MD5(CONCAT_WS('|', {literal(_SEED)}, {spelled})) AS place FROM "
            f"(SELECT DISTINCT {keys} FROM staging WHERE {present} AND {EVENT_AT} <= {render(as_of)})"
        )
        if last is None:
            chosen = f"SELECT place FROM keys ORDER BY place LIMIT {int(most)}"
            last = str(connection.execute(f"SELECT COALESCE(MAX(place), '') FROM ({chosen})").fetchall()[0][0])
        (entities,) = connection.execute("SELECT COUNT(*) FROM keys").fetchall()[0]
        connection.execute(
            f"CREATE TEMP TABLE staged AS SELECT staging.* FROM staging "
            f"SEMI JOIN (SELECT * FROM keys WHERE place <= {literal(last)}) AS chosen USING ({keys})"
        )
        staged = exp.to_table("staged")
        rows = connection.sql(render(lower_snapshot(view, staged, as_of))).to_arrow_table()
        empty = connection.sql(render(lower_empty(view, as_of))).to_arrow_table()
        return _Side(view, rows, empty, int(entities), last)


def _compared(old: _Side, new: _Side, pairs: Sequence[tuple[str, str]], view: str, at_us: int) -> ViewEffect:
    keys = [key.name for key in new.view.entity.keys]
    types = [({output.name: output.type for output in side.view.outputs}) for side in (old, new)]
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in (("b", old.rows), ("a", new.rows), ("no_b", old.empty), ("no_a", new.empty)):
            connection.register(name, table)
        columns = [f"COALESCE(CAST(b.{_key(old, at)} AS VARCHAR), CAST(a.{quoted(key)} AS VARCHAR)) AS k{at}"
                   for at, key in enumerate(keys)]  # fmt: skip
        for at, (was, name) in enumerate(pairs):
            for side, column in (("b", was), ("a", name)):
                there = f"{side}.as_of IS NOT NULL"
                value, nothing = f"{side}.{quoted(column)}", f"no_{side}.{quoted(column)}"
                columns.append(f"CASE WHEN {there} THEN {value} ELSE {nothing} END AS {side}{at}")
        on = " AND ".join(
            f"CAST(b.{_key(old, at)} AS VARCHAR) = CAST(a.{quoted(key)} AS VARCHAR)" for at, key in enumerate(keys)
        )
        connection.execute(
            f"CREATE TEMP TABLE side_by_side AS SELECT {', '.join(columns)} "
            f"FROM b FULL JOIN a ON {on} CROSS JOIN no_b CROSS JOIN no_a"
        )
        (compared,) = connection.execute("SELECT COUNT(*) FROM side_by_side").fetchall()[0]
        features = tuple(
            _feature(connection, at, was, name, len(keys), types[0][was], types[1][name])
            for at, (was, name) in enumerate(pairs)
        )
    return ViewEffect(view, at_us, int(compared), max(old.entities, new.entities), features)


def _key(side: _Side, at: int) -> str:
    return quoted(side.view.entity.keys[at].name)


def _feature(
    connection: duckdb.DuckDBPyConnection,
    at: int,
    was: str,
    name: str,
    keys: int,
    before: LogicalType,
    after: LogicalType,
) -> FeatureEffect:
    differs = _differs(f"b{at}", f"a{at}", before, after)
    counted = connection.execute(
        f"SELECT COUNT(*) FILTER (WHERE {differs}), COUNT(*) - COUNT(b{at}), COUNT(*) - COUNT(a{at}), "
        f"{_quantiles(f'b{at}', before)}, {_quantiles(f'a{at}', after)} FROM side_by_side"
    ).fetchall()[0]
    spelled = ", ".join(f"k{key}" for key in range(keys))
    rows = connection.execute(
        f"SELECT {spelled}, CAST(b{at} AS VARCHAR), CAST(a{at} AS VARCHAR) FROM side_by_side WHERE {differs} "
        f"ORDER BY MD5(CONCAT_WS('|', {spelled})), {spelled} LIMIT {_ROWS}"
    ).fetchall()
    return FeatureEffect(
        name,
        was,
        int(counted[0]),
        int(counted[1]),
        int(counted[2]),
        _numbers(counted[3]),
        _numbers(counted[4]),
        tuple(ChangedRow(tuple(str(key) for key in row[:keys]), row[keys], row[keys + 1]) for row in rows),
    )


def _differs(old: str, new: str, before: LogicalType, after: LogicalType) -> str:
    if _is_number(before) and _is_number(after) and (before.is_float or after.is_float or before != after):
        old, new = f"CAST({old} AS DOUBLE)", f"CAST({new} AS DOUBLE)"
        near = f"ABS({old} - {new}) <= {_TOLERANCE} * GREATEST(ABS({old}), ABS({new}))"
        return f"({old} IS DISTINCT FROM {new} AND NOT COALESCE({near}, FALSE))"
    if before != after:
        old, new = f"CAST({old} AS VARCHAR)", f"CAST({new} AS VARCHAR)"
    return f"({old} IS DISTINCT FROM {new})"


def _quantiles(column: str, type: LogicalType) -> str:
    if not _is_number(type):
        return "NULL"
    shares = ", ".join(map(str, QUANTILES))
    return f"QUANTILE_CONT(CAST({column} AS DOUBLE), [{shares}]) FILTER (WHERE ISFINITE(CAST({column} AS DOUBLE)))"


def _is_number(type: LogicalType) -> bool:
    return type.kind.value in ("integer", "bigint", "hugeint", "real", "double", "decimal")


def _numbers(found: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if found is None else tuple(float(number) for number in found)


@contextmanager
def _until(deadline: float, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stop whatever the connection does at the deadline."""
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
