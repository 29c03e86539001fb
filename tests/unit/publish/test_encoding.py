from __future__ import annotations

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.contract.test_keys import TYPES
from tests.unit.contract.values import layouts_and_rows

from fpc.contract.addresses import row_key
from fpc.contract.keys import KeyCodec
from fpc.contract.registry import ColumnContract
from fpc.contract.rows import RowCodec
from fpc.runtime.publish.encoding import arrow_type_of, encode_batch
from fpc.runtime.publish.key_column import KeyColumn, framed_key
from fpc.runtime.publish.statements import key_text

WAREHOUSE = duckdb.connect(config={"threads": 1})


def as_arrow(type_name: str, values: list[object]) -> pa.Array:
    """The values as DuckDB hands them over: wide integers as text."""
    return pa.array(_texts(values) if type_name.startswith("hugeint") else values, arrow_type_of(type_name))


def _texts(value: object) -> object:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return None if value is None else str(value)


@settings(deadline=None)
@given(layouts_and_rows(), st.integers(-(2**62), 2**62), st.integers(0, 2**32 - 1), st.booleans(), st.integers(0, 3))
def test_a_batch_is_the_same_bytes_as_its_rows_one_by_one(
    drawn: tuple[list[str], list[tuple[object, ...]]], as_of_us: int, run: int, tombstone: bool, skip: int
) -> None:
    types, rows = drawn
    codec = RowCodec(types)
    columns = [as_arrow(name, [row[at] for row in rows])[skip:] for at, name in enumerate(types)]
    packed, ends = encode_batch(codec, columns, as_of_us, run, tombstone=tombstone)
    expected = [codec.encode(row, as_of_us, run, tombstone=tombstone) for row in rows[skip:]]
    assert packed == b"".join(expected)
    assert [packed[start:end] for start, end in zip([0, *ends], ends, strict=False)] == expected


@settings(deadline=None, max_examples=60)
@given(st.data(), st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=3))
def test_the_warehouse_spells_keys_as_the_contract_does(data: st.DataObject, types: list[str]) -> None:
    columns = [ColumnContract(f"k{at}", name) for at, name in enumerate(types)]
    values = data.draw(st.tuples(*(TYPES[name] for name in types)))
    holes = ", ".join(f"CAST(? AS {name}) AS {column.name}" for name, column in zip(types, columns, strict=True))
    spelling = " || ',' || ".join(key_text(column) for column in columns)
    connection = WAREHOUSE.cursor()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")  # of no consequence
    bound = [str(value) if isinstance(value, int) and not isinstance(value, bool) else value for value in values]
    ((spelled,),) = connection.execute(f"SELECT {spelling} FROM (SELECT {holes})", bound).fetchall()
    assert spelled.encode() == KeyCodec(columns).encode(values)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(), min_size=1), st.integers(0, 3), st.sampled_from([b"fpc:shop:v:0:", b"fpc:it's {}:v:0:"]))
def test_the_warehouse_frames_keys_as_redis_takes_them(texts: list[str], skip: int, prefix: bytes) -> None:
    spelling = key_text(ColumnContract("k", "varchar"))
    connection = WAREHOUSE.cursor()
    connection.register("keys", pa.table({"k": pa.array(texts, pa.string())}))
    framed = connection.sql(f"SELECT {framed_key(prefix, spelling)} AS framed FROM keys").to_arrow_table()
    column = KeyColumn(framed.column("framed").combine_chunks()[skip:])
    codec = KeyCodec([ColumnContract("k", "varchar")])
    expected = [row_key(prefix, codec.encode([text])) for text in texts[skip:]]
    assert list(column) == expected and len(column) == len(expected)
    assert bytes(column.bulk_strings()) == b"".join(b"$%d\r\n%b\r\n" % (len(key), key) for key in expected)
