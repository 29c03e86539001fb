"""Which partitions of a source a refresh must read."""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import exp

from fpc.plan.nodes import Visible
from fpc.plan.versions import shared_columns
from fpc.plan.visibility import before
from fpc.types.duration import Duration
from fpc.types.logical import Kind

# A partition may be named after the event's or the arrival's local date, which is a day off UTC's at most.
_SLACK: Final = 86_400_000_000
# By the partition column's type: the first value to read. Text compares as ISO dates do.
_FIRST: Final = {
    Kind.DATE: {grain: f"CAST(DATE_TRUNC('{grain}', t) AS DATE)" for grain in ("hour", "day", "month")},
    Kind.TIMESTAMP: {grain: f"DATE_TRUNC('{grain}', t)" for grain in ("hour", "day", "month")},
    Kind.TIMESTAMPTZ: {grain: f"DATE_TRUNC('{grain}', t)" for grain in ("hour", "day", "month")},
    Kind.VARCHAR: {
        "hour": "STRFTIME(t, '%Y-%m-%d')",
        "day": "STRFTIME(t, '%Y-%m-%d')",
        "month": "STRFTIME(t, '%Y-%m')",
    },
}


def partitions_read(visible: Visible, as_of: exp.Expr) -> exp.Expr | None:
    """SQL: the row's partition may hold an event of the windows; None where every partition may.

    A partition is taken to be named after the hour, day or month in which its events happened, or arrived.
    """
    first = _first_column(visible)
    if first is None:
        return None
    column, text, reach = first
    template = sqlglot.parse_one(text, dialect="duckdb")
    oldest = before(as_of, reach)
    bound = template.transform(lambda node: oldest if isinstance(node, exp.Column) and node.name == "t" else node)
    return exp.GTE(this=exp.column(column), expression=bound)


def partitions_in_words(visible: Visible) -> str | None:
    """The same for people; None where the source is not partitioned in a way that helps."""
    first, source = _first_column(visible), visible.stage.source
    if first is None or (source.unique_key and first[0] not in shared_columns(source)):
        return None
    partition = source.partition_by
    assert partition is not None
    return f"partitions {first[0]} from the {partition.grain} of t - {first[2]} on"


def _first_column(visible: Visible) -> tuple[str, str, Duration] | None:
    source, reach = visible.stage.source, visible.hull.reach
    if source.partition_by is None or reach is None:
        return None
    name, grain = source.partition_by.column, source.partition_by.grain
    for column in source.columns:
        if column.name == name and grain in _FIRST.get(column.type.kind, {}):
            return name, _FIRST[column.type.kind][grain], Duration(reach + _SLACK)
    return None
