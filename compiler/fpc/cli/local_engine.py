"""One feature view on an in-memory engine: staging and snapshot, as a refresh computes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb
from sqlglot import exp

from fpc.model.nodes import FeatureView
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

Row = Mapping[str, object]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STAGED: Final = "staged"


def connect() -> duckdb.DuckDBPyConnection:
    """A new engine in memory, in UTC."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def stage(connection: duckdb.DuckDBPyConnection, view: FeatureView, raw: exp.Expr) -> None:
    """Make the view's staged events of raw rows; `raw` is what to read from."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_STAGED} AS {render(lower_staging(view.source, raw))}")


def snapshot(
    connection: duckdb.DuckDBPyConnection,
    view: FeatureView,
    at_us: int,
    *,
    keys: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> list[Row]:
    """The view's rows as of an instant, in the order of the keys; of one entity where `keys` (as text) are given."""
    types = {key.name: str(key.type) for key in view.entity.keys}
    wanted = keys or {}
    query = (
        exp.select(exp.Star())
        .from_(lower_snapshot(view, exp.to_table(_STAGED), _instant(at_us)).subquery("snapshot"))
        .where(*(exp.column(name).eq(exp.cast(exp.Literal.string(wanted[name]), types[name])) for name in wanted))
        .order_by(*(exp.column(name) for name in types))
    )
    return _rows(connection, query if limit is None else query.limit(limit))


def empty(connection: duckdb.DuckDBPyConnection, view: FeatureView, at_us: int) -> Row:
    """The values of an entity without any event."""
    return _rows(connection, lower_empty(view, _instant(at_us)))[0]


def _rows(connection: duckdb.DuckDBPyConnection, query: exp.Expr) -> list[Row]:
    found = connection.execute(render(query))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _instant(at_us: int) -> exp.Expr:
    text = (_EPOCH + timedelta(microseconds=at_us)).isoformat()
    return exp.cast(exp.Literal.string(text), "timestamptz")
