"""Events dealt out to files are, taken together, the events, in every type that may be dealt."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from fpc.contract.registry import ColumnContract
from fpc.runtime.dealt_events import MOST_FILES, DealtEvents, files_for, is_dealable
from fpc.runtime.shard import Shard

KEYS = [ColumnContract("k", "varchar"), ColumnContract("n", "bigint")]
#: A value of each type that comes back as it went, among them those that seldom do.
VALUES = """
    VALUES
    ('a', 1, true, 127::TINYINT, '-9223372036854775808'::BIGINT, '18446744073709551615'::UBIGINT, 'nan'::DOUBLE,
     '-0'::DOUBLE, 9999999999999999.99::DECIMAL(18, 2), 99999999999999999999999999999999999999::DECIMAL(38, 0),
     'x\\ny', ''::BLOB,
     DATE '0001-01-01', TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMPTZ '2024-03-10 07:00:00.000001+00'),
    ('', 2, false, -128, 9223372036854775807, 0, 'inf', 1e-320, -0.01, -1, '', '\\x00\\xFF'::BLOB, DATE 'infinity',
     'infinity'::TIMESTAMP, '-infinity'::TIMESTAMPTZ),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('żółw 🐢', -3, true, 0, 1, 1, 0.1, 5e-324, 0, 0, '\u2028', 'b'::BLOB, '9999-12-31', '0001-01-01', '9999-12-31')
"""
NAMES = "k, n, flag, tiny, big, unsigned, double, zero, money, wide, text, bytes, day, moment, instant"


@pytest.mark.parametrize("shards", [1, 3, 7, 128])
def test_every_row_is_in_the_file_of_its_shard_as_it_was(tmp_path: Path, shards: int) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE event AS SELECT * FROM ({VALUES}) AS v({NAMES}), RANGE(50)")
    assert is_dealable(connection, "event")
    dealt = DealtEvents(connection, "event", KEYS, files_for(shards), tmp_path)
    found = []
    for place in range(shards):
        shard = Shard(shards, place)
        dealt.register("file", shard)
        found += connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM file {shard.condition(KEYS)}").fetchall()
        connection.unregister("file")
    every = connection.execute("SELECT COLUMNS(*)::VARCHAR FROM event").fetchall()
    assert sorted(found, key=repr) == sorted(every, key=repr)
    dealt.remove()
    assert not list(tmp_path.iterdir())


def test_rows_of_a_file_stand_in_the_order_they_had(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("CREATE TABLE event AS SELECT i % 5 AS k, i AS n FROM RANGE(400_000) AS r(i)")
    dealt = DealtEvents(connection, "event", [ColumnContract("k", "bigint")], 3, tmp_path)
    rows = 0
    for place in range(3):
        dealt.register("file", Shard(3, place))
        found = [row[0] for row in connection.execute("SELECT n FROM file").fetchall()]
        assert found == sorted(found)
        rows += len(found)
    assert rows == 400_000


@pytest.mark.parametrize("type_", ["HUGEINT", "UHUGEINT", "INTERVAL", "INTEGER[]", "STRUCT(a INTEGER)", "TIME", "UUID"])
def test_a_type_that_does_not_come_back_is_not_dealt(type_: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE event (k BIGINT, value {type_})")
    assert not is_dealable(connection, "event")


@pytest.mark.parametrize("shards", [1, 2, 5, 63, 64, 65, 4096, 6007])
def test_few_files_are_open_and_each_shard_is_in_one(shards: int) -> None:
    assert 1 <= files_for(shards) <= MOST_FILES
    assert shards % files_for(shards) == 0
