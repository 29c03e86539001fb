"""Measures the values of a view's features, over at most some hundred thousand rows of its table.

Counts, means, quantiles and histograms leave the warehouse. A text leaves it only where few different ones exist and
many entities share it: the status of an order, but never a name or an address.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from fpc.contract.recorded import BINS, QUANTILES, ValueStatistics, ViewStatistics
from fpc.contract.registry import ViewContract
from fpc.runtime.publish.statements import quoted_table
from fpc.runtime.quoting import quoted

#: About so many rows are looked at, chosen by the hashes of their keys, so that the same are chosen again.
COUNTED: Final = 100_000
#: Of a feature with more different values than this, no value is kept.
MOST_VALUES: Final = 24
#: A value that fewer entities share is not kept.
LEAST_SHARED: Final = 10
_SAMPLE: Final = "__fpc_values"
_LONGEST: Final = 80
_ENDS: Final = (0.01, 0.99)
#: Up to here a double tells every whole number, and half of one.
_EXACTLY_WHOLE: Final = 2.0**51
_WHOLE: Final = ("integer", "bigint", "hugeint")
_NUMBERS: Final = (*_WHOLE, "real", "double", "decimal")
_INSTANTS: Final = ("date", "timestamp", "timestamptz")
_TEXTS: Final = ("varchar", "boolean")


@dataclass(frozen=True, slots=True)
class _Measured:
    """One feature: `column` of the sample, what its numbers are of, the SQL of that number, and whether it is whole."""

    name: str
    column: str
    measure: str
    number: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class _Range:
    """`count` bins of equal width from `low` to `high`; one bin without width for a single value."""

    low: float
    high: float
    count: int


def measure_values(connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int) -> ViewStatistics:
    """The statistics of the view's table as it stands; `connection` is the refresh's own, which may write.

    Costs two passes over the sample, whatever the number of features. Raises `duckdb.Error` where the table is not
    what the contract says.
    """
    table = quoted_table(view.table)
    rows = int(_row(connection, f"SELECT COUNT(*) FROM {table}")[0])
    every = max(1, round(rows / COUNTED))
    keys = ", ".join(quoted(key.name) for key in view.keys)
    names = ", ".join(f"{quoted(f.name)} AS f{at}" for at, f in enumerate(view.features))
    some = "" if every == 1 else f" WHERE hash({keys}) % {every:d} = 0"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_SAMPLE} AS SELECT {names} FROM {table}{some}")
    try:
        counted = int(_row(connection, f"SELECT COUNT(*) FROM {_SAMPLE}")[0])
        features = _features(connection, [_measured(f.name, f"f{at}", f.type) for at, f in enumerate(view.features)])
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_SAMPLE}")
    return ViewStatistics(as_of_us, view.version, view.fingerprint, rows, counted, features)


def _measured(name: str, column: str, type_: str) -> _Measured:
    if type_.endswith("[]"):
        return _Measured(name, column, "length", f"CAST(len({column}) AS DOUBLE)", is_whole=True)
    base = type_.partition("(")[0]
    if base in _INSTANTS:
        return _Measured(name, column, "instant", f"CAST(epoch({column}) AS DOUBLE)")
    if base in _NUMBERS:
        number = f"CAST({column} AS DOUBLE)"
        return _Measured(name, column, "number", f"CASE WHEN isfinite({number}) THEN {number} END", base in _WHOLE)
    return _Measured(name, column, "text" if base in _TEXTS else "", "")


def _features(connection: duckdb.DuckDBPyConnection, features: Sequence[_Measured]) -> Mapping[str, ValueStatistics]:
    asked = [f"COUNT(*) - COUNT({feature.column})" for feature in features]
    ends = ", ".join(map(str, (*_ENDS, *QUANTILES)))
    for feature in features:
        if feature.number:
            asked += [f"AVG({feature.number})", f"quantile_cont({feature.number}, [{ends}])"]
        elif feature.measure == "text":
            asked += [f"COUNT(DISTINCT {feature.column})", "NULL"]
        else:
            asked += ["NULL", "NULL"]
    found = _row(connection, f"SELECT {', '.join(asked)} FROM {_SAMPLE}")
    nulls, rest = found[: len(features)], found[len(features) :]
    first = list(zip(features, nulls, rest[::2], rest[1::2], strict=True))
    counting = ", ".join(_counting(feature, value, quantiles) for feature, _, value, quantiles in first)
    # The first makes one row of it, where nothing else aggregates.
    _, *counts = _row(connection, f"SELECT COUNT(*), {counting} FROM {_SAMPLE}")
    return {
        feature.name: _statistics(feature, int(missing), value, quantiles, count)
        for (feature, missing, value, quantiles), count in zip(first, counts, strict=True)
    }


def _counting(feature: _Measured, value: Any, quantiles: Any) -> str:
    """SQL of a feature's counts: of its bins by number, of its values by text; null where there is none."""
    if feature.number and quantiles is not None:
        bins = _range(feature, quantiles)
        if bins is None:
            return "NULL"
        at = "0"
        if bins.count > 1:
            width = (bins.high - bins.low) / bins.count
            at = f"floor(({feature.number} - {_literal(bins.low)}) / {_literal(width)})"
        # LEAST and GREATEST pass over nulls.
        whole = f"CAST(greatest(0, least({bins.count - 1:d}, {at})) AS INTEGER)"
        return f"histogram(CASE WHEN {feature.number} IS NOT NULL THEN {whole} END)"
    if feature.measure == "text" and value and int(value) <= MOST_VALUES:
        return f"histogram(CAST({feature.column} AS VARCHAR))"
    return f"COUNT({feature.column})" if feature.measure == "text" else "NULL"


def _range(feature: _Measured, quantiles: Any) -> _Range | None:
    """The bins for values between the first and last hundredth; of whole numbers each bin holds equally many."""
    low, high = float(quantiles[0]), float(quantiles[1])
    if not math.isfinite(high - low):
        return None
    if not high > low:
        return _Range(low, high, 1)
    if not feature.is_whole or high - low >= _EXACTLY_WHOLE:
        return _Range(low, high, BINS)
    low, high = math.floor(low) - 0.5, math.ceil(high) + 0.5
    width = math.ceil((high - low) / BINS)
    count = math.ceil((high - low) / width)
    return _Range(low, low + count * width, count)


def _statistics(feature: _Measured, nulls: int, value: Any, quantiles: Any, counts: Any) -> ValueStatistics:
    if feature.measure == "text":
        return _texts(nulls, counts)
    bins = None if quantiles is None else _range(feature, quantiles)
    if quantiles is None or bins is None or not math.isfinite(value):
        return ValueStatistics(nulls, feature.measure)
    shares = tuple(float(each) for each in quantiles[len(_ENDS) :])
    filled = tuple(int(counts.get(at, 0)) for at in range(bins.count))
    return ValueStatistics(nulls, feature.measure, float(value), shares, bins.low, bins.high, filled)


def _texts(nulls: int, counts: Any) -> ValueStatistics:
    if not isinstance(counts, dict):
        return ValueStatistics(nulls, "text", others=int(counts or 0))
    by_count = sorted(((str(text), int(count)) for text, count in counts.items()), key=lambda pair: (-pair[1], pair[0]))
    shared = tuple(pair for pair in by_count if pair[1] >= LEAST_SHARED and len(pair[0]) <= _LONGEST)
    others = sum(count for _, count in by_count) - sum(count for _, count in shared)
    return ValueStatistics(nulls, "text", values=shared, others=others)


def _literal(number: float) -> str:
    """A double as SQL, to its last bit."""
    return f"CAST('{number!r}' AS DOUBLE)"


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    return tuple(row)
