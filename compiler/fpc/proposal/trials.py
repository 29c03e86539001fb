"""Tries many examples at once: which mistakes each of them would notice.

All of them are computed by one query per mistake of the whole view: a trial's number and instant are made part of the
entity, and a feature with a mistake in it stands beside the right one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import duckdb
from sqlglot import exp

from fpc.emit.dbt.staged_rows import NotPlayableError, raw_value, timestamp_text, with_partition
from fpc.model.nodes import Column, DerivedFeature, Feature, FeatureView
from fpc.proposal.mutants import Mutant
from fpc.proposal.rows import Row, given_value
from fpc.runtime.quoting import quoted
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.sql.trees import rebuild
from fpc.types.logical import Kind, LogicalType

_TRIAL: Final = "fpc_trial"
_AT: Final = "fpc_at"
_ADDED: Final = (
    Column(_TRIAL, LogicalType(Kind.BIGINT)),
    Column(_AT, LogicalType(Kind.TIMESTAMPTZ)),
)
#: The raw rows of trials, by lists of the trials' numbers, their instants in microseconds and the rows' places.
_RAW: Final = (
    f"SELECT rows.* EXCLUDE (fpc_row), trials.* EXCLUDE (fpc_row) REPLACE (make_timestamptz({_AT}) AS {_AT}) "
    f"FROM proposal_rows AS rows JOIN (SELECT unnest(?::BIGINT[]) AS {_TRIAL}, unnest(?::BIGINT[]) AS {_AT}, "
    "unnest(?::BIGINT[]) AS fpc_row) AS trials USING (fpc_row)"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """An example that might be: rows, by their places among all, asked about at an instant.

    `entity` is who is asked about, keys as texts, where the rows are of several; `asked` the outputs that are compared,
    all of them for None.
    """

    at_us: int
    rows: tuple[int, ...]
    entity: tuple[str, ...] | None = None
    asked: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Query:
    """What stages the trials' rows by a view's own source, which a mistake may change, and what answers.

    Both are prepared, under `name`: of a hundred outputs the engine thinks long. Tables are therefore emptied and
    filled, and never made anew.
    """

    name: str
    view: FeatureView

    @property
    def table(self) -> str:
        """Where the staged rows are."""
        return f"proposal_events_{self.name}"

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table and both statements, once; raises `duckdb.Error` for what the engine refuses."""
        staged = exp.to_table(self.table)
        staging = render(lower_staging(self.view.source, exp.to_table("proposal_raw")))
        answers = lower_snapshot(self.view, staged, exp.column(_AT)).subquery("answers")
        # Without the instants: making each a time of Python takes longer than all the rest.
        names = [key.name for key in self.view.entity.keys if key.name != _AT]
        names += [output.name for output in self.view.outputs]
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {self.table} AS {staging}")
        connection.execute(f"PREPARE stage_{self.name} AS INSERT INTO {self.table} {staging}")
        connection.execute(
            f"PREPARE answer_{self.name} AS " + render(exp.select(*map(exp.column, names)).from_(answers))
        )


class Bench:
    """The rows and the mistakes that trials are made with."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        view: FeatureView,
        rows: Sequence[Row],
        mistakes: Sequence[Mutant],
    ) -> None:
        """Lay the rows ready in `connection`; mistakes that the engine refuses are left out."""
        self._connection = connection
        self._keys = [key.name for key in view.entity.keys]
        self._outputs = [output.name for output in view.outputs]
        self._mistakes = mistakes
        self._empty: dict[tuple[str, int], Mapping[str, object]] = {}
        # A statement is prepared over other rows than it is run over: what was told of those may not be planned by.
        connection.execute("SET disabled_optimizers = 'statistics_propagation'")
        _lay_ready(connection, "proposal_rows", _texts(view, rows))
        connection.execute(f"CREATE TEMP TABLE proposal_raw AS {_RAW}", [[], [], []])
        self._lay_out([Trial(0, tuple(range(min(len(rows), 2))))])
        self._view = _with_trials(view)
        self._number = count()
        parts = [place for place, mistake in enumerate(mistakes) if not isinstance(mistake.part, FeatureView)]
        query, beside = _beside("all", self._view, {place: mistakes[place] for place in parts})
        if not self._runs(query):
            parts = [p for p in parts if self._runs(_beside(f"part_{p}", self._view, {p: mistakes[p]})[0])]
            query, beside = _beside("good", self._view, {place: mistakes[place] for place in parts})
            query.prepare(connection)
        self._query, self._beside = query, beside
        of_view = {place: mistake.part for place, mistake in enumerate(mistakes) if place not in parts}
        queries = {
            place: _Query(f"view_{place}", _with_trials(part))
            for place, part in of_view.items()
            if isinstance(part, FeatureView)
        }
        self._queries = {place: query for place, query in queries.items() if self._runs(query)}

    @property
    def tried(self) -> frozenset[int]:
        """The places of the mistakes that can be made: those that the engine computes something for."""
        return frozenset((*self._beside, *self._queries))

    def answer(self, trial: Trial) -> Mapping[str, object]:
        """What the view itself answers."""
        self._lay_out([trial])
        return self._answers(self._query, [trial])[0]

    def about(self, places: Collection[int]) -> Bench:
        """A bench of these mistakes alone, for trials that ask for all outputs: the fewer are computed, the quicker."""
        chosen = {place: self._mistakes[place] for place in self._beside if place in places}
        alone = copy(self)
        alone._queries = {place: query for place, query in self._queries.items() if place in places}
        targets = {mistake.target for mistake in chosen.values()}
        view = self._view if alone._queries else _with_outputs(self._view, targets)
        alone._query, alone._beside = _beside(f"about_{next(self._number)}", view, chosen)
        alone._query.prepare(self._connection)
        return alone

    def noticed(self, trials: Sequence[Trial]) -> list[frozenset[int]]:
        """For each trial, the places of the mistakes by which another value comes out.

        What has no row is answered as of the first trial's instant: of one trial alone, everything is exact.
        """
        if not trials:
            return []
        self._lay_out(trials)
        right = self._answers(self._query, trials)
        found = [_differing(trial, values, self._beside) for trial, values in zip(trials, right, strict=True)]
        for place, query in self._queries.items():
            for number, wrong in enumerate(self._answers(query, trials)):
                asked = trials[number].asked
                names = self._outputs if asked is None else asked
                if any(not same(right[number][name], wrong[name]) for name in names):
                    found[number].add(place)
        return [frozenset(one) for one in found]

    def _runs(self, query: _Query) -> bool:
        try:
            query.prepare(self._connection)
            self._rows(query)
        except duckdb.Error:
            return False
        return True

    def _lay_out(self, trials: Sequence[Trial]) -> None:
        """Make the raw rows of the trials, each with its trial's number and instant."""
        pairs = [(number, trial.at_us, row) for number, trial in enumerate(trials) for row in trial.rows]
        numbers, instants, rows = map(list, zip(*pairs, strict=True)) if pairs else ([], [], [])
        self._connection.execute("DELETE FROM proposal_raw")
        self._connection.execute(f"INSERT INTO proposal_raw {_RAW}", [numbers, instants, rows])

    def _answers(self, query: _Query, trials: Sequence[Trial]) -> list[Mapping[str, object]]:
        """What each trial is answered: its entity's row, or the view's empty row."""
        rows: dict[int, list[Mapping[str, object]]] = {}
        for row in self._rows(query):
            number = row[_TRIAL]
            assert isinstance(number, int)
            rows.setdefault(number, []).append(row)
        found: list[Mapping[str, object]] = []
        for number, trial in enumerate(trials):
            of = [row for row in rows.get(number, ()) if trial.entity is None or self._keys_of(row) == trial.entity]
            found.append(of[0] if of else self._nothing(query, trials[0].at_us))
        return found

    def _keys_of(self, row: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(str(given_value(row[name])) for name in self._keys)

    def _nothing(self, query: _Query, at_us: int) -> Mapping[str, object]:
        key = (query.name, at_us)
        if key not in self._empty:
            as_of = exp.cast(exp.Literal.string(timestamp_text(at_us)), "timestamptz")
            (self._empty[key],) = self._fetched(render(lower_empty(query.view, as_of)))
        return self._empty[key]

    def _rows(self, query: _Query) -> Iterator[Mapping[str, object]]:
        self._connection.execute(f"DELETE FROM {query.table}")
        self._connection.execute(f"EXECUTE stage_{query.name}")
        return self._fetched(f"EXECUTE answer_{query.name}")

    def _fetched(self, sql: str) -> Iterator[Mapping[str, object]]:
        result = self._connection.execute(sql)
        names = [str(column[0]) for column in result.description or ()]
        return (dict(zip(names, row, strict=True)) for row in result.fetchall())


def _differing(trial: Trial, values: Mapping[str, object], beside: Mapping[int, Mapping[str, str]]) -> set[int]:
    """The mistakes of single outputs that the trial notices: in the output, or in what is derived of it.

    Where all outputs are asked for, the output itself shows whatever any other would.
    """
    found = set()
    for place, columns in beside.items():
        names = list(columns)[:1] if trial.asked is None else [name for name in columns if name in trial.asked]
        for name in names:
            if not same(values[name], values[columns[name]]):
                found.add(place)
                break
    return found


def _with_outputs(view: FeatureView, names: Collection[str]) -> FeatureView:
    """The view with these outputs and what they are derived of, alone."""
    needed = set(names)
    for each in reversed(view.derived):  # each follows its inputs
        if each.name in needed:
            needed.update(each.inputs)
    features = tuple(each for each in view.features if each.name in needed)
    return replace(view, features=features, derived=tuple(each for each in view.derived if each.name in needed))


def same(one: object, other: object) -> bool:
    """Whether an example takes two values for the same: floats to nine digits."""
    if one == other:
        return True
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or abs(one - other) <= 1e-9 * abs(one)
    return False


def _with_trials(view: FeatureView) -> FeatureView:
    source = view.source
    unique = (*source.unique_key, _TRIAL) if source.unique_key else ()
    return replace(
        view,
        source=replace(source, columns=(*source.columns, *_ADDED), unique_key=unique, partition_by=None),
        entity=replace(view.entity, keys=(*view.entity.keys, *_ADDED)),
        key_columns=(*view.key_columns, *((column.name, column.name) for column in _ADDED)),
    )


def _beside(name: str, view: FeatureView, mistakes: Mapping[int, Mutant]) -> tuple[_Query, dict[int, dict[str, str]]]:
    """The view with further outputs for each mistake: the output with the mistake in it, and what is derived of that.

    Also, for each mistake, under which names they stand, the output first.
    """
    features, derived = list(view.features), list(view.derived)
    names: dict[int, dict[str, str]] = {}
    for place, mistake in mistakes.items():
        of = names[place] = {mistake.target: f"fpc_mistake_{place}"}
        match mistake.part:
            case Feature():
                features.append(replace(mistake.part, name=of[mistake.target]))
            case DerivedFeature():
                derived.append(replace(mistake.part, name=of[mistake.target]))
        for number, each in enumerate(view.derived):
            if not of.keys().isdisjoint(each.inputs):
                of[each.name] = f"fpc_mistake_{place}_{number}"
                derived.append(_of_others(each, of))
    return _Query(name, replace(view, features=tuple(features), derived=tuple(derived))), names


def _of_others(derived: DerivedFeature, names: Mapping[str, str]) -> DerivedFeature:
    """A derived feature under its other name, over what stands in its inputs' place."""

    def put(node: exp.Expr) -> exp.Expr | None:
        return exp.column(names[node.name]) if isinstance(node, exp.Column) and node.name in names else None

    inputs = tuple(names.get(name, name) for name in derived.inputs)
    return replace(derived, name=names[derived.name], expression=rebuild(derived.expression, put), inputs=inputs)


def is_playable(view: FeatureView, rows: Sequence[Row]) -> bool:
    """Whether the rows can be laid out as a file would bring them: a row of somebody's example may hold anything."""
    try:
        _texts(view, rows)
    except NotPlayableError:
        return False
    return True


def _texts(view: FeatureView, rows: Sequence[Row]) -> dict[str, list[str | None]]:
    """The rows as a CSV file would bring them, by column."""
    source = view.source
    filled = [with_partition(source, row.values) for row in rows]
    return {
        column.name: [_text(raw_value(source, row.get(column.name), column.type)) for row in filled]
        for column in source.columns
    }


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return str(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lay_ready(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, list[str | None]]) -> None:
    """A table of texts and of each row's place. Arrow would bring pandas along, which takes a second to import."""
    values = ", ".join(f"unnest(?::VARCHAR[]) AS {quoted(name)}" for name in columns)
    rows = list(range(len(next(iter(columns.values())))))
    connection.execute(
        f"CREATE TEMP TABLE {quoted(table)} AS SELECT {values}, unnest(?::BIGINT[]) AS fpc_row",
        [*columns.values(), rows],
    )
