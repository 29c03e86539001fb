"""Rows of a source that examples can be made of: a few entities with all their events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import duckdb
from sqlglot import exp

from fpc.model.nodes import FeatureView, Value
from fpc.sql.events import columns_read
from fpc.sql.staging import EVENT_AT, KNOWN_AT, lower_staging
from fpc.sql.text import render

_ENTITIES: Final = 12
_ROWS_EACH: Final = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One raw row as an example gives it, with its entity, its instants in microseconds and what it fulfils.

    `version_of` is equal for rows that are versions of one event; `flags` says of the view's filters, in their order,
    which of them the row passes.
    """

    entity: tuple[Value, ...]
    values: Mapping[str, Value]
    event_us: int
    known_us: int
    version_of: tuple[object, ...]
    flags: tuple[object, ...]


def read_rows(
    connection: duckdb.DuckDBPyConnection, view: FeatureView, relation: exp.Table, keys: Mapping[str, exp.Expr]
) -> tuple[Row, ...]:
    """The rows of the entities with these keys, or of a few whose history is neither short nor long.

    `relation` holds the source's raw rows. Only columns that the view reads are given.
    """
    staged = exp.to_table("proposal_staged")
    staging = lower_staging(view.source, relation)
    connection.execute(render(exp.Create(this=staged, kind="VIEW", replace=True, expression=staging)))
    names = [name for _, name in view.key_columns]
    wanted: list[exp.Expr] = [exp.column(name).is_(exp.null()).not_() for name in names]
    wanted += [exp.EQ(this=exp.column(dict(view.key_columns)[key]), expression=value) for key, value in keys.items()]
    count = exp.Count(this=exp.Star())
    entities = exp.select(*map(exp.column, names)).from_(staged).where(*wanted).group_by(*map(exp.column, names))
    apart = exp.Abs(this=exp.Paren(this=exp.Sub(this=count, expression=exp.Literal.number(30))))
    chosen = entities.order_by(apart, *map(exp.column, names)).limit(_ENTITIES)
    connection.execute(
        render(exp.Create(this=exp.to_table("proposal_entities"), kind="TABLE", replace=True, expression=chosen))
    )
    return _rows(connection, view, staged, names)


def columns_given(view: FeatureView) -> tuple[str, ...]:
    """The columns of the source that decide a value of the view, in the source's order."""
    source = view.source
    needed = {*columns_read(view), *source.unique_key, source.event_time.column}
    if source.known_time is not None:
        needed.add(source.known_time.column)
    if view.where is not None:
        needed |= {found.name for found in view.where.find_all(exp.Column)}
    return tuple(column.name for column in source.columns if column.name in needed)


def given_value(value: object) -> Value:
    """A value of the engine as a spec spells it: instants in UTC, decimals as their digits."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            instant = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
            return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list() | tuple():
            return tuple(given_value(item) for item in value)  # type: ignore[misc]
        case _:
            return str(value)


def _rows(
    connection: duckdb.DuckDBPyConnection, view: FeatureView, staged: exp.Table, names: list[str]
) -> tuple[Row, ...]:
    given = columns_given(view)
    filters = [call.filter for feature in view.features for call in feature.aggregates if call.filter is not None]
    conditions = [*([] if view.where is None else [view.where]), *filters]
    distinct = list({condition.sql("duckdb"): condition for condition in conditions}.values())
    numbered = exp.Window(
        this=exp.RowNumber(),
        partition_by=[exp.column(name) for name in names],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column(EVENT_AT), desc=True), exp.column(KNOWN_AT)]),
    )
    query = (
        exp.select(
            *(exp.column(name) for name in given),
            *(exp.func("EPOCH_US", exp.column(time)).as_(f"__{time}") for time in (EVENT_AT, KNOWN_AT)),
            *(exp.Paren(this=condition.copy()).as_(f"__f{number}") for number, condition in enumerate(distinct)),
            numbered.as_("__place"),
        )
        .from_(staged)
        .where(_is_chosen(names))
    )
    newest = (
        exp.select("*")
        .from_(query.subquery("numbered"))
        .where(exp.LTE(this=exp.column("__place"), expression=exp.Literal.number(_ROWS_EACH)))
    )
    ordered = newest.order_by(*map(exp.column, names), exp.column(f"__{EVENT_AT}"), exp.column(f"__{KNOWN_AT}"))
    rows = connection.execute(render(ordered)).fetchall()
    found = []
    keys = [name for _, name in view.key_columns]
    for number, row in enumerate(rows):
        values = {name: given_value(value) for name, value in zip(given, row, strict=False)}
        event_us, known_us, *flags = row[len(given) : -1]
        version_of = tuple(str(values[name]) for name in view.source.unique_key) or (number,)
        entity = tuple(values[name] for name in keys)
        found.append(Row(entity, values, event_us, known_us, version_of, tuple(flags)))
    return tuple(found)


def _is_chosen(names: list[str]) -> exp.Expr:
    one = exp.select(exp.Literal.number(1)).from_(exp.to_table("proposal_entities").as_("chosen"))
    matches = [
        exp.EQ(this=exp.column(name, "chosen"), expression=exp.column(name, "proposal_staged")) for name in names
    ]
    return exp.Exists(this=one.where(*matches))
