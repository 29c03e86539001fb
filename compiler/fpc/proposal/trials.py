"""Tries many examples at once: which mistakes each of them would notice.

All of them are computed by one query per mistake of the whole view: a trial's number and instant are made part of the
entity, and a feature with a mistake in it stands beside the right one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb
import pyarrow as pa
from sqlglot import exp

from fpc.emit.dbt.staged_rows import raw_value, with_partition
from fpc.model.nodes import Column, DerivedFeature, Feature, FeatureView
from fpc.proposal.mutants import Mutant
from fpc.proposal.rows import Row
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.types.logical import Kind, LogicalType

_TRIAL: Final = "fpc_trial"
_AT: Final = "fpc_at"
_ADDED: Final = (
    Column(_TRIAL, LogicalType(Kind.BIGINT)),
    Column(_AT, LogicalType(Kind.TIMESTAMPTZ)),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """An example that might be: rows of one entity, by their places among all, asked about at an instant."""

    at_us: int
    rows: tuple[int, ...]


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
        self._view = _with_trials(view)
        self._rows = rows
        self.mistakes = tuple(mistakes)
        connection.register("proposal_rows", _texts(view, rows))
        self._beside: list[int] = []
        self._query = ("", "")
        self._queries: dict[int, tuple[str, str]] = {}
        self._staged = ""
        self._sort()

    def noticed(self, trials: Sequence[Trial]) -> list[frozenset[int]]:
        """For each trial, the places of the mistakes that give another value than the view does."""
        if not trials:
            return []
        self._lay_out(trials)
        found: list[set[int]] = [set() for _ in trials]
        names = [output.name for output in self._view.outputs]
        right = self._answers(self._query)
        for trial, values in right.items():
            for number, place in enumerate(self._beside):
                if not same(values[self.mistakes[place].target], values[_name(number)]):
                    found[trial].add(place)
        for place, query in self._queries.items():
            wrong = self._answers(query)
            for trial in range(len(trials)):
                one, other = right.get(trial), wrong.get(trial)
                if one is None or other is None:
                    differs = one is not other
                else:
                    differs = any(not same(one[name], other[name]) for name in names)
                if differs:
                    found[trial].add(place)
        return [frozenset(one) for one in found]

    def _sort(self) -> None:
        """Mistakes of single outputs stand beside each other in one query; one of the whole view has its own."""
        self._lay_out([Trial(0, tuple(range(min(len(self._rows), 2))))])
        parts = [place for place, mistake in enumerate(self.mistakes) if not isinstance(mistake.part, FeatureView)]
        if not self._runs(_query(_beside(self._view, [self.mistakes[place] for place in parts]))):
            parts = [p for p in parts if self._runs(_query(_beside(self._view, [self.mistakes[p]])))]
        self._beside = parts
        self._query = _query(_beside(self._view, [self.mistakes[place] for place in parts]))
        for place, mistake in enumerate(self.mistakes):
            if isinstance(mistake.part, FeatureView):
                query = _query(_with_trials(mistake.part))
                if self._runs(query):
                    self._queries[place] = query

    def _runs(self, query: tuple[str, str]) -> bool:
        try:
            self._answers(query)
        except duckdb.Error:
            return False
        return True

    def _lay_out(self, trials: Sequence[Trial]) -> None:
        """Make the raw rows of the trials, each with its trial's number and instant."""
        pairs = [(number, trial.at_us, row) for number, trial in enumerate(trials) for row in trial.rows]
        columns = list(zip(*pairs, strict=True)) or [(), (), ()]
        table = pa.table(
            {
                _TRIAL: pa.array(columns[0], pa.int64()),
                _AT: pa.array(columns[1], pa.timestamp("us", "UTC")),
                "fpc_row": pa.array(columns[2], pa.int64()),
            }
        )
        self._connection.register("proposal_trials", table)
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE proposal_raw AS "
            "SELECT rows.* EXCLUDE (fpc_row), trials.* EXCLUDE (fpc_row) "
            "FROM proposal_rows AS rows JOIN proposal_trials AS trials USING (fpc_row)"
        )
        self._staged = ""

    def _answers(self, query: tuple[str, str]) -> dict[int, Mapping[str, object]]:
        """The row of each trial that has one, by queries of `_query`."""
        staging, snapshot = query
        if staging != self._staged:
            self._connection.execute(staging)
            self._staged = staging
        result = self._connection.execute(snapshot)
        names = [str(column[0]) for column in result.description or ()]
        rows = (dict(zip(names, row, strict=True)) for row in result.fetchall())
        return {int(row[_TRIAL]): row for row in rows}


def _query(view: FeatureView) -> tuple[str, str]:
    """What stages the trials' rows by the view's own source, which a mistake may change, and what answers."""
    staged = exp.to_table("proposal_events")
    staging = lower_staging(view.source, exp.to_table("proposal_raw"))
    create = exp.Create(this=staged, kind="TABLE", replace=True, expression=staging)
    return render(create), render(lower_snapshot(view, staged, exp.column(_AT)))


def same(one: object, other: object) -> bool:
    """Whether an example takes two values for the same: floats to nine digits."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other)) or abs(one - other) <= 1e-9 * abs(one)
    return one == other


def _with_trials(view: FeatureView) -> FeatureView:
    source = view.source
    unique = (*source.unique_key, _TRIAL) if source.unique_key else ()
    return replace(
        view,
        source=replace(source, columns=(*source.columns, *_ADDED), unique_key=unique, partition_by=None),
        entity=replace(view.entity, keys=(*view.entity.keys, *_ADDED)),
        key_columns=(*view.key_columns, *((column.name, column.name) for column in _ADDED)),
    )


def _name(number: int) -> str:
    return f"fpc_mistake_{number}"


def _beside(view: FeatureView, mistakes: Sequence[Mutant]) -> FeatureView:
    """The view with a further output for each mistake."""
    features: list[Feature] = []
    derived: list[DerivedFeature] = []
    for number, mistake in enumerate(mistakes):
        match mistake.part:
            case Feature():
                features.append(replace(mistake.part, name=_name(number)))
            case DerivedFeature():
                derived.append(replace(mistake.part, name=_name(number)))
    return replace(view, features=(*view.features, *features), derived=(*view.derived, *derived))


def _texts(view: FeatureView, rows: Sequence[Row]) -> pa.Table:
    """The rows as a CSV file would bring them, and their places."""
    source = view.source
    filled = [with_partition(source, row.values) for row in rows]
    columns = {
        column.name: pa.array(
            [_text(raw_value(source, row.get(column.name), column.type)) for row in filled], pa.string()
        )
        for column in source.columns
    }
    return pa.table({**columns, "fpc_row": pa.array(range(len(rows)), pa.int64())})


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return str(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)
