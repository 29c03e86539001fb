"""What is counted of a table's values, and what of it may leave the warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from fpc.contract.recorded import BINS, ValueStatistics
from fpc.contract.registry import ColumnContract, FeatureContract, GridContract, TargetContract, ViewContract
from fpc.runtime.statistics import measure_values, read_statistics, record_statistics
from fpc.runtime.statistics.measure import COUNTED, LEAST_SHARED, MOST_VALUES

DAY_US = 86_400_000_000
TARGET = TargetContract("dev", "duckdb", None, "embedded", None)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def view(**features: str) -> ViewContract:
    return ViewContract(
        name="v",
        version=3,
        description="",
        owner="",
        entity="user",
        keys=(ColumnContract("user_id", "bigint"),),
        features=tuple(FeatureContract(name, kind, None, "", "") for name, kind in features.items()),
        fingerprint="f0",
        table="main.v",
        empty_table="main.v__empty",
        dbt_select="",
        grid=GridContract(1, None),
        delay_us=0,
        online_ttl_us=None,
        source="s",
        spec="",
    )


def measured(connection: duckdb.DuckDBPyConnection, kind: str, values: str, rows: int = 1000) -> ValueStatistics:
    """The statistics of one feature, whose value is the SQL `values` over i from 0 on."""
    connection.execute(
        f"CREATE OR REPLACE TABLE v AS SELECT i AS user_id, CAST({values} AS {kind}) AS x, now() AS as_of "
        f"FROM range({rows}) t(i)"
    )
    found = measure_values(connection, view(x=kind), 7)
    assert (found.as_of_us, found.version, found.fingerprint, found.rows) == (7, 3, "f0", rows)
    return found.features["x"]


def test_a_double_has_bins_between_its_first_and_last_hundredth(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = measured(warehouse, "double", "CASE WHEN i = 0 THEN -1e6 WHEN i = 999 THEN 1e6 ELSE i END")
    assert (found.measure, len(found.bins), sum(found.bins)) == ("number", BINS, 1000)
    assert found.low is not None and found.high is not None
    assert 0 < found.low < 20 and 980 < found.high < 999  # neither extreme shows
    assert found.quantiles[2] == pytest.approx(499.5)
    assert max(found.bins) - min(found.bins) < 15


def test_nulls_infinities_and_numbers_that_are_none_are_in_no_bin(warehouse: duckdb.DuckDBPyConnection) -> None:
    odd = "CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 'inf'::DOUBLE WHEN 2 THEN 'nan'::DOUBLE ELSE i END"
    found = measured(warehouse, "double", odd)
    assert (found.nulls, sum(found.bins)) == (250, 250)


def test_whole_numbers_each_have_their_own_bin_where_there_are_few(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = measured(warehouse, "bigint", "i % 5")
    assert (found.low, found.high, found.bins) == (-0.5, 4.5, (200,) * 5)


@pytest.mark.parametrize("span", [23, 24, 25, 100, 12_345])
def test_bins_of_whole_numbers_hold_equally_many_of_them(warehouse: duckdb.DuckDBPyConnection, span: int) -> None:
    found = measured(warehouse, "bigint", f"i % {span}", rows=5000)
    assert found.low is not None and found.high is not None
    width = (found.high - found.low) / len(found.bins)
    assert width == int(width) and len(found.bins) <= BINS and sum(found.bins) == 5000


@pytest.mark.parametrize(
    ("kind", "values"),
    [("hugeint", "170141183460469231731687303715884105000 - i"), ("bigint", "9223372036854775000 + i % 800"),
     ("double", "1e308 * (CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END)"), ("decimal(38,2)", "i / 3"), ("real", "i / 3"),
     ("integer", "NULL"), ("date", "DATE '2024-01-01' + CAST(i AS INTEGER)"), ("boolean", "i % 3 = 0"),
     ("timestamptz", "TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_hours(i)"), ("varchar[]", "['a', 'b']"),
     ("bigint[]", "CASE WHEN i % 2 = 0 THEN [] ELSE [1, NULL] END"), ("double", "5"), ("double", "-0.0")],
)  # fmt: skip
def test_every_type_is_counted_and_comes_back_from_its_file(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, values: str
) -> None:
    found = measured(warehouse, kind, values)
    counted = sum(found.bins) + sum(count for _, count in found.values) + found.others
    # Numbers so large that their mean or spread is none are not counted.
    assert found.nulls + counted == 1000 or (found.bins == () and "1e308" in values)
    statistics = measure_values(warehouse, view(x=kind), 7)
    record_statistics(tmp_path, TARGET, "v", statistics)
    assert read_statistics(tmp_path, TARGET, "v")[0] == statistics


def test_texts_that_many_share_are_named_and_others_only_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    rare = LEAST_SHARED - 1
    found = measured(warehouse, "varchar", f"CASE WHEN i < {rare} THEN 'Ann' WHEN i < 300 THEN 'paid' ELSE 'sent' END")
    assert found.values == (("sent", 700), ("paid", 300 - rare))
    assert found.others == rare


def test_texts_of_which_there_are_many_never_leave(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    many = measured(warehouse, "varchar", f"'name ' || (i % {MOST_VALUES + 1})")
    assert (many.values, many.others) == ((), 1000)
    few = measured(warehouse, "varchar", f"'name ' || (i % {MOST_VALUES})")
    assert len(few.values) == MOST_VALUES
    long = measured(warehouse, "varchar", "repeat('x', 81)")
    assert (long.values, long.others) == ((), 1000)


def test_of_a_large_table_the_same_rows_are_counted_again(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = 5 * COUNTED
    warehouse.execute(f"CREATE TABLE v AS SELECT i AS user_id, i AS x, now() AS as_of FROM range({rows}) t(i)")
    first = measure_values(warehouse, view(x="bigint"), 7)
    warehouse.execute("CREATE OR REPLACE TABLE v AS SELECT * FROM v ORDER BY hash(user_id + 1)")
    assert measure_values(warehouse, view(x="bigint"), 7) == first
    assert first.rows == rows and 0.97 * COUNTED < first.counted < 1.03 * COUNTED
    assert first.features["x"].quantiles[2] == pytest.approx(rows / 2, rel=0.02)


def test_nothing_is_left_in_the_warehouse_not_even_by_a_failure(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("CREATE TABLE v AS SELECT 1 AS user_id, 'a' AS x, now() AS as_of")
    measure_values(warehouse, view(x="varchar"), 7)
    with pytest.raises(duckdb.Error):
        measure_values(warehouse, view(x="bigint"), 7)  # the table is not what the contract says
    assert warehouse.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("v",)]


def test_an_empty_table_has_no_numbers(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert measured(warehouse, "double", "i", rows=0) == ValueStatistics(0, "number")
    assert measured(warehouse, "varchar", "'a'", rows=0) == ValueStatistics(0, "text")


def test_the_past_is_thinned_to_the_last_of_each_day(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("CREATE TABLE v AS SELECT i AS user_id, i AS x, now() AS as_of FROM range(9) t(i)")
    found = measure_values(warehouse, view(x="bigint"), 0)
    for hour in range(24 * 5):
        record_statistics(tmp_path, TARGET, "v", replace(found, as_of_us=hour * DAY_US // 24))
    newest, past = read_statistics(tmp_path, TARGET, "v")
    assert newest is not None and newest.as_of_us == 119 * DAY_US // 24
    hours = [entry.as_of_us * 24 // DAY_US for entry in past]
    assert hours == [23, 47, 71, 89, *range(90, 120)]
    assert past[-1].features["x"].quantiles == newest.features["x"].quantiles


def test_an_instant_that_is_counted_again_is_replaced(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("CREATE TABLE v AS SELECT i AS user_id, i AS x, now() AS as_of FROM range(9) t(i)")
    found = measure_values(warehouse, view(x="bigint"), 5)
    record_statistics(tmp_path, TARGET, "v", found)
    record_statistics(tmp_path, TARGET, "v", replace(found, rows=10))
    newest, past = read_statistics(tmp_path, TARGET, "v")
    assert newest is not None and (newest.rows, [entry.rows for entry in past]) == (10, [10])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"newest": 1, "past": []}', '{"newest": {"features": {}}, "past": []}']
)
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".fpc/statistics/dev/v.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert read_statistics(tmp_path, TARGET, "v") == (None, ())


def test_numbers_that_json_does_not_have_are_not_believed(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("CREATE TABLE v AS SELECT i AS user_id, i AS x, now() AS as_of FROM range(9) t(i)")
    record_statistics(tmp_path, TARGET, "v", measure_values(warehouse, view(x="bigint"), 5))
    path = tmp_path / ".fpc/statistics/dev/v.json"
    document = json.loads(path.read_text())
    document["newest"]["features"]["x"]["quantiles"][0] = float("inf")
    path.write_text(json.dumps(document))
    assert read_statistics(tmp_path, TARGET, "v") == (None, ())
