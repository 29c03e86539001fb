from __future__ import annotations

import ast
import contextlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.contract.values import layouts_and_rows

import fpc.contract
from fpc.contract.cells import UnsupportedTypeError
from fpc.contract.rows import HEADER, RowCodec, RowError

INSTANTS = st.integers(-(2**62), 2**62)


@given(layouts_and_rows(), INSTANTS, st.integers(0, 2**32 - 1), st.booleans())
def test_what_is_encoded_is_decoded(
    drawn: tuple[list[str], list[tuple[object, ...]]], as_of_us: int, run: int, tombstone: bool
) -> None:
    types, rows = drawn
    codec = RowCodec(types)
    for values in rows:
        row = codec.decode(codec.encode(values, as_of_us, run, tombstone=tombstone))
        assert row.values == values
        assert [type(value) for value in row.values] == [type(value) for value in values]
        assert (row.as_of_us, row.run, row.tombstone) == (as_of_us, run, tombstone)


@given(layouts_and_rows())
def test_equal_values_are_equal_bytes_and_other_values_other_bytes(
    drawn: tuple[list[str], list[tuple[object, ...]]],
) -> None:
    types, rows = drawn
    codec = RowCodec(types)
    spelled = [[repr(value) for value in row] for row in rows]  # -0.0 is not 0.0
    for one in range(len(rows)):
        for other in range(len(rows)):
            same = codec.encode(rows[one], 0) == codec.encode(rows[other], 0)
            assert same == (spelled[one] == spelled[other])


@given(layouts_and_rows(), st.data())
def test_a_row_cut_short_is_refused(drawn: tuple[list[str], list[tuple[object, ...]]], data: st.DataObject) -> None:
    types, rows = drawn
    codec = RowCodec(types)
    packed = codec.encode(rows[0], 0)
    with pytest.raises(RowError):
        codec.decode(packed[: data.draw(st.integers(0, len(packed) - 1))])


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(RowError):
        RowCodec(["double", "varchar"]).decode(data)


@given(st.binary(min_size=20, max_size=60))
def test_a_damaged_row_is_refused_or_decoded_but_never_crashes(tail: bytes) -> None:
    codec = RowCodec(["varchar", "bigint[]", "varchar[]"])
    good = codec.encode(["x", [1], ["y"]], 0)
    damaged = good[: HEADER.size] + tail
    damaged = damaged[:4] + len(damaged).to_bytes(4, "little") + damaged[8:]
    with contextlib.suppress(RowError):
        codec.decode(damaged)


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("integer", 2**31),
        ("integer", "x"),
        ("bigint", 1.5),
        ("varchar", 1),
        ("date", datetime(2020, 1, 1)),
        ("timestamp", date(2020, 1, 1)),
        ("decimal(4,1)", Decimal("0.25")),
        ("decimal(4,1)", Decimal("1000")),
        ("decimal(4,1)", Decimal("Infinity")),
        ("bigint[]", 7),
        ("hugeint", 2**127),
    ],
)
def test_a_value_of_another_type_is_refused(type_name: str, value: object) -> None:
    with pytest.raises(RowError):
        RowCodec([type_name]).encode([value], 0)


def test_an_interval_cannot_be_stored() -> None:
    with pytest.raises(UnsupportedTypeError):
        RowCodec(["interval"])


def test_twenty_doubles_take_183_bytes() -> None:
    assert len(RowCodec(["double"] * 20).encode([1.5] * 20, 0)) == 20 + 3 + 160


def test_instants_that_python_cannot_hold_are_named() -> None:
    codec = RowCodec(["timestamptz", "date"])
    packed = bytearray(codec.encode([datetime(2020, 1, 1), date(2020, 1, 1)], 0))
    packed[21:29] = (2**63 - 1).to_bytes(8, "little")
    packed[29:33] = (-(2**31)).to_bytes(4, "little", signed=True)
    assert codec.decode(bytes(packed)).values == ("infinity", "-infinity")


def test_the_contract_needs_the_standard_library_alone() -> None:
    for path in Path(fpc.contract.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            assert not {name.partition(".")[0] for name in names} & {"numpy", "pyarrow", "duckdb", "redis"}, path
