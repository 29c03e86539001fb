"""Why one feature of one entity has its value at an instant: the rows that made it, and those that did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from fpc.emit.dbt.staged_rows import timestamp_text
from fpc.model.nodes import AggregateCall, Feature, FeatureView, Model
from fpc.plan.visibility import edges_of
from fpc.preview import attach_rows, key_values
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.failures import explain_engine
from fpc.runtime.raw_rows import Place
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import EVENT_AT, KNOWN_AT, SUPERSEDED_AT, lower_refused, lower_staging
from fpc.sql.text import render
from fpc.sql.why import (
    RULE,
    Rule,
    lower_counts,
    lower_entity_rows,
    lower_judged,
    lower_listing,
    lower_values,
)

_ROWS = "entity_rows"


@dataclass(frozen=True, slots=True)
class Judged:
    """One row, the rule that decided on it, and by how much: microseconds from the instant or edge that decided.

    `columns` are those that the call reads, by name. `distance_us` is never negative; None where no time decided.
    """

    rule: Rule
    event_us: int
    known_us: int
    superseded_us: int | None
    columns: Mapping[str, Any]
    distance_us: int | None


@dataclass(frozen=True, slots=True)
class CallWhy:
    """One aggregate call: its value, how many rows each rule has in all, and the newest rows of each."""

    sql: str
    value: Any
    counts: Mapping[Rule, int]
    rows: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class FeatureWhy:
    """One feature over events: its value and its calls, in their order."""

    feature: Feature
    value: Any
    calls: tuple[CallWhy, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The whole answer. `features` are what the value comes down to: the feature itself, or a derived one's inputs.

    `at_us` is the instant of the values. `refused` counts the entity's raw rows that staging refuses, by reason.
    """

    view: FeatureView
    name: str
    at_us: int
    value: Any
    features: tuple[FeatureWhy, ...]
    refused: Mapping[str, int]


def why(
    model: Model,
    root: Path,
    view_name: str,
    name: str,
    keys: Mapping[str, str],
    at_us: int,
    *,
    warehouse: Path | None = None,
    limit: int = 10,
) -> Why:
    """Judge every row of the entity for one output of a view, at exactly this instant, from the raw rows.

    `keys` are all of the entity's, as text; `limit` is how many rows of each rule are listed, while all are counted.
    `warehouse` is the DuckDB file, where the source is a table of it. Raises `FpcRuntimeError`.
    """
    view = model.views[view_name]
    missing = [key.name for key in view.entity.keys if key.name not in keys]
    if missing:
        raise FpcRuntimeError(
            f"`{view_name}` is of `{view.entity.name}`: one is named by {', '.join(k.name for k in view.entity.keys)}",
            help=f"add {' '.join(f'{key}=...' for key in missing)}",
            exit_code=2,
        )
    literals = key_values(view, keys)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relation = attach_rows(connection, model, view, Place(root, warehouse))
        try:
            staging = exp.Subquery(this=lower_staging(view.source, relation), alias=exp.to_identifier("staged"))
            _create(connection, _ROWS, lower_entity_rows(view, staging, literals))
            raw = exp.Subquery(this=_raw_rows(view, relation, literals), alias=exp.to_identifier("raw"))
            refused = connection.execute(render(lower_refused(view.source, raw))).fetchall()
            judge = _Judge(connection, view, at_us, limit)
            features = tuple(judge.feature(feature) for feature in inputs_of(view, name))
            return Why(view, name, at_us, judge.value(name), features, dict(refused))
        except duckdb.Error as error:
            raise explain_engine(view.name, view.source.name, str(error), root) from None


def inputs_of(view: FeatureView, name: str) -> tuple[Feature, ...]:
    """The features over events that an output of a view comes down to, in the order of the view."""
    derived = {one.name: one.inputs for one in view.derived}
    found, waiting = set[str](), [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += derived.get(one, ())
    return tuple(feature for feature in view.features if feature.name in found)


class _Judge:
    """Asks the rows of one entity, which lie in a table of their own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, view: FeatureView, at_us: int, limit: int) -> None:
        self._connection = connection
        self._view = view
        self._at_us = at_us
        self._as_of = exp.cast(exp.Literal.string(timestamp_text(at_us)), "timestamptz")
        self._limit = limit

    def value(self, name: str) -> Any:
        """The value by the view's own query: that of an entity without events where none is in any window."""
        wanted = exp.select(exp.column(name))
        found = self._rows(wanted.from_(lower_snapshot(self._view, exp.to_table(_ROWS), self._as_of).subquery("made")))
        if not found:
            found = self._rows(wanted.from_(lower_empty(self._view, self._as_of).subquery("nothing")))
        return found[0][0]

    def feature(self, feature: Feature) -> FeatureWhy:
        tables = [(call, exp.to_table(f"judged_{call.id.strip('_')}")) for call in feature.aggregates]
        for call, table in tables:
            rows = lower_judged(self._view, feature, call, exp.to_table(_ROWS), self._as_of)
            _create(self._connection, table.name, rows)
        has_known_time = self._view.source.known_time is not None
        ((*values, value),) = self._rows(lower_values(feature, tables, self._as_of, has_known_time=has_known_time))
        calls = (self._call(feature, call, table, made) for (call, table), made in zip(tables, values, strict=True))
        return FeatureWhy(feature, value, tuple(calls))

    def _call(self, feature: Feature, call: AggregateCall, table: exp.Table, value: Any) -> CallWhy:
        found = dict(self._rows(lower_counts(table)))
        counts = {rule: found[rule.value] for rule in Rule if rule.value in found}
        names = _columns(self._view, call)
        listed = self._rows(_in_microseconds(lower_listing(names, table, self._limit), names))
        order = list(Rule)
        judged = [self._judged(feature, names, row) for row in listed]
        return CallWhy(call_text(call), value, counts, tuple(sorted(judged, key=lambda row: order.index(row.rule))))

    def _judged(self, feature: Feature, names: Sequence[str], row: Sequence[Any]) -> Judged:
        *values, event_us, known_us, superseded_us, text = row
        rule = Rule(text)
        edges, at = edges_of(feature.window, self._view.closed), self._at_us
        distance: int | None = None
        match rule:
            case Rule.NOT_YET_KNOWN:
                distance = known_us - at
            case Rule.SUPERSEDED:
                distance = at - superseded_us
            case Rule.TOO_LATE:
                distance = event_us - (at - edges.offset)
            case Rule.TOO_EARLY:
                distance = at - (edges.reach or 0) - event_us
            case _:
                pass
        return Judged(rule, event_us, known_us, superseded_us, dict(zip(names, values, strict=True)), distance)

    def _rows(self, query: exp.Expr) -> list[tuple[Any, ...]]:
        return self._connection.execute(render(query)).fetchall()


def call_text(call: AggregateCall) -> str:
    """An aggregate call as one would write it."""
    parts = [argument.sql(dialect="duckdb") for argument in call.arguments] or ["*"]
    text = f"{call.function.upper()}({', '.join([*parts, *map(str, call.parameters)])})"
    return text if call.filter is None else f"{text} FILTER (WHERE {call.filter.sql(dialect='duckdb')})"


def _columns(view: FeatureView, call: AggregateCall) -> tuple[str, ...]:
    """What tells rows apart and what the call reads: the unique key, columns of `where`, FILTER and arguments."""
    trees = [tree for tree in (view.where, call.filter, *call.arguments) if tree is not None]
    read = {found.name for tree in trees for found in tree.find_all(exp.Column)} | set(view.source.unique_key)
    return tuple(declared.name for declared in view.source.columns if declared.name in read)


def _in_microseconds(listing: exp.Select, names: Sequence[str]) -> exp.Select:
    """The listing with its three times as microseconds since 1970, in which no digit is lost."""
    times = [exp.func("EPOCH_US", exp.column(name)) for name in (EVENT_AT, KNOWN_AT, SUPERSEDED_AT)]
    return exp.select(*(exp.column(name) for name in names), *times, exp.column(RULE)).from_(listing.subquery("listed"))


def _raw_rows(view: FeatureView, relation: exp.Table, keys: Mapping[str, exp.Expr]) -> exp.Select:
    """The raw rows that name the entity, refused ones included."""
    types = {declared.name: str(declared.type) for declared in view.source.columns}
    conditions = [
        exp.EQ(
            this=exp.TryCast(this=exp.column(source), to=exp.DataType.build(types[source], dialect="duckdb")),
            expression=keys[name].copy(),
        )
        for name, source in view.key_columns
    ]
    return exp.select("*").from_(relation).where(*conditions)


def _create(connection: duckdb.DuckDBPyConnection, name: str, query: exp.Expr) -> None:
    table = exp.Create(this=exp.to_table(name), kind="TABLE", expression=query, replace=True)
    connection.execute(render(table))
