"""Measures a view's table for the gate: one pass over its rows for all tests, and a query for those that need one.

The SQL is that of the registry, which `fpc compile` made of parsed trees; names are quoted. Nothing of a row leaves the
warehouse but counts, and the hashes of keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from fpc.contract.registry import GateTestContract, Measure, ViewContract
from fpc.runtime.gate.baseline import Baseline
from fpc.runtime.gate.salt import salt_of
from fpc.runtime.publish.statements import key_text, quoted_table
from fpc.runtime.quoting import quoted

EXAMPLES: Final = 5
_HASH_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a view's table.

    `values` has a number for each test that could be measured, by its name; `failures` why others could not be.
    Tests against the last publication are in neither where there is none that they can be compared with. `nulls`
    counts each feature's nulls.
    """

    rows: int
    nulls: Mapping[str, int]
    values: Mapping[str, float]
    failures: Mapping[str, str]


def measure(connection: duckdb.DuckDBPyConnection, view: ViewContract, last: Baseline | None) -> Measured:
    """Take every measure that the view's tests ask for; `last` is what was published last."""
    wrong = _wrong_columns(connection, view)
    if wrong:
        others = {test.name: "the table lacks columns" for test in view.tests if _of(test) is not Measure.WRONG_COLUMNS}
        values = {test.name: float(wrong) for test in view.tests if test.name not in others}
        return Measured(0, {}, values, others)
    scan = _Scan(connection, view)
    conditions = {test.name: str(test.sql) for test in view.tests if _of(test) is Measure.FAILING_ROWS}
    rows, nulls, failing, failures = scan.counts(conditions)
    values = {}
    for test in view.tests:
        try:
            value = _value(scan, test, rows, nulls, failing, last)
        except duckdb.Error:
            failures[test.name] = "its query cannot be run"
        else:
            if value is not None:
                values[test.name] = value
    return Measured(rows, nulls, values, failures)


def examples(connection: duckdb.DuckDBPyConnection, view: ViewContract, test: GateTestContract) -> tuple[str, ...]:
    """Salted hashes of the least keys, up to five, of rows that fail the test; none where it has none."""
    table = quoted_table(view.table)
    match _of(test):
        case Measure.FAILING_ROWS:
            rows = f"SELECT * FROM {table} WHERE {test.sql}"
        case Measure.SHARE_OF_NULLS | Measure.RISE_OF_NULLS:
            rows = f"SELECT * FROM {table} WHERE {quoted(str(test.feature))} IS NULL"
        case Measure.REPEATED_KEYS:
            rows = f"SELECT * FROM ({_repeated(view)})"
        case Measure.QUERY_ROWS:
            rows = str(test.sql)
        case _:
            return ()
    keys = ", ".join(quoted(key.name) for key in view.keys)
    text = " || ',' || ".join(key_text(key) for key in view.keys)
    # Sorted by the keys themselves: to hash the keys of ten million failing rows would take long.
    least = f"SELECT DISTINCT {keys} FROM ({rows}) ORDER BY {keys} LIMIT {EXAMPLES:d}"
    query = f"SELECT left(sha256(? || {text}), {_HASH_DIGITS:d}) FROM ({least}) ORDER BY {keys}"
    salt = salt_of(connection)
    try:
        return tuple(str(row[0]) for row in connection.execute(query, [salt]).fetchall() if row[0] is not None)
    except duckdb.Error:
        return ()  # a query of the spec need not bring the keys


class _Scan:
    """The queries over one view's table."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, view: ViewContract) -> None:
        self._connection = connection
        self._view = view
        self._table = quoted_table(view.table)

    def counts(self, conditions: Mapping[str, str]) -> tuple[int, Mapping[str, int], Mapping[str, int], dict[str, str]]:
        """Rows, nulls by feature, and rows for which each condition holds, in one pass; and what cannot be run."""
        features = [feature.name for feature in self._view.features]
        plain = ["COUNT(*)", *(f"COUNT(*) - COUNT({quoted(name)})" for name in features)]
        failures: dict[str, str] = {}
        try:
            found = self._row([*plain, *_counting(conditions.values())])
        except duckdb.Error:
            # One of the conditions cannot be run over these rows: find out which, and count the others.
            found = self._row(plain)
            for name, condition in conditions.items():
                try:
                    found += self._row(_counting([condition]))
                except duckdb.Error:
                    failures[name] = "its condition cannot be run"
        rows, nulls, failing = found[0], found[1 : len(plain)], found[len(plain) :]
        run = [name for name in conditions if name not in failures]
        return rows, dict(zip(features, nulls, strict=True)), dict(zip(run, failing, strict=True)), failures

    def repeated_keys(self) -> int:
        return self.rows_of(_repeated(self._view))

    def rows_of(self, query: str) -> int:
        ((rows,),) = self._connection.execute(f"SELECT COUNT(*) FROM ({query})").fetchall()
        return int(rows)

    def _row(self, expressions: Sequence[str]) -> list[int]:
        (row,) = self._connection.execute(f"SELECT {', '.join(expressions)} FROM {self._table}").fetchall()
        return [int(value) for value in row]


def _value(
    scan: _Scan,
    test: GateTestContract,
    rows: int,
    nulls: Mapping[str, int],
    failing: Mapping[str, int],
    last: Baseline | None,
) -> float | None:
    """The number of one test; None where there is nothing to compare with, or nothing was counted."""
    was = last if last is not None and last.rows >= test.least_rows else None
    feature = str(test.feature)
    match _of(test):
        case Measure.WRONG_COLUMNS:
            return 0
        case Measure.REPEATED_KEYS:
            return scan.repeated_keys()
        case Measure.FAILING_ROWS:
            return failing.get(test.name)
        case Measure.QUERY_ROWS:
            return scan.rows_of(str(test.sql))
        case Measure.ROWS:
            return rows
        case Measure.CHANGE_OF_ROWS:
            return None if was is None else abs(rows - was.rows) / was.rows
        case Measure.SHARE_OF_NULLS:
            return nulls[feature] / rows if rows else 0
        case Measure.RISE_OF_NULLS:
            before = None if was is None else was.null_shares.get(feature)
            return None if before is None else (nulls[feature] / rows if rows else 0) - before


def _of(test: GateTestContract) -> Measure:
    return Measure(test.measure)


def _counting(conditions: Iterable[str]) -> list[str]:
    # COUNT_IF of a table without rows is null.
    return [f"COUNT(*) FILTER (WHERE {condition})" for condition in conditions]


def _repeated(view: ViewContract) -> str:
    keys = ", ".join(quoted(key.name) for key in view.keys)
    return f"SELECT {keys} FROM {quoted_table(view.table)} GROUP BY {keys} HAVING COUNT(*) > 1"


def _wrong_columns(connection: duckdb.DuckDBPyConnection, view: ViewContract) -> int:
    """How many columns of the contract the table lacks, or has with another type."""
    wanted = [*((key.name, key.type) for key in view.keys), *((f.name, f.type) for f in view.features)]
    wanted.append(("as_of", "timestamptz"))
    try:
        described = connection.execute(f"DESCRIBE {quoted_table(view.table)}").fetchall()
    except duckdb.CatalogException:
        return len(wanted)
    found = {str(name): str(kind) for name, kind, *_ in described}
    types = [kind for _, kind in wanted]
    (spelled,) = connection.execute(f"SELECT {', '.join(f'typeof(CAST(NULL AS {kind}))' for kind in types)}").fetchall()
    return sum(found.get(name) != kind for (name, _), kind in zip(wanted, spelled, strict=True))
