from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpc.contract.keys import KeyCodec, KeyValueError, parse_key_value
from fpc.contract.registry import ColumnContract

LETTERS = st.sampled_from("aZ09-._~ ,;:{}%|é中\0\n\U0001f600")
TYPES: dict[str, st.SearchStrategy[object]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "hugeint": st.integers(-(2**127), 2**127 - 1),
    "varchar": st.text(LETTERS, max_size=8),
    "date": st.dates(),
    "timestamp": st.datetimes(),
    "timestamptz": st.datetimes(timezones=st.just(UTC)),
    "decimal(8,3)": st.decimals(-99999, 99999, places=3, allow_nan=False),
}


def columns(*types: str) -> list[ColumnContract]:
    return [ColumnContract(f"k{at}", name) for at, name in enumerate(types)]


@st.composite
def two_keys(draw: st.DrawFn) -> tuple[list[ColumnContract], list[object], list[object]]:
    types = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=3))
    values = st.tuples(*(TYPES[name] for name in types)).map(list)
    return columns(*types), draw(values), draw(values)


@given(two_keys())
def test_two_keys_share_a_spelling_only_if_they_are_equal(
    drawn: tuple[list[ColumnContract], list[object], list[object]],
) -> None:
    key, one, other = drawn
    codec = KeyCodec(key)
    assert (codec.encode(one) == codec.encode(other)) == (one == other)


@given(two_keys())
def test_a_key_can_stand_in_a_hash_tag(drawn: tuple[list[ColumnContract], list[object], list[object]]) -> None:
    key, values, _ = drawn
    encoded = KeyCodec(key).encode(values)
    assert encoded
    assert not set(encoded) & set(b"{} \r\n\0")


@pytest.mark.parametrize(
    ("type_name", "value", "spelling"),
    [
        ("boolean", True, b"b1"),
        ("boolean", np.bool_(False), b"b0"),
        ("integer", np.int64(-5), b"i-5"),
        ("bigint", 2**63 - 1, b"i9223372036854775807"),
        ("varchar", "", b"s"),
        ("varchar", "a,b}é\0", b"sa%2Cb%7D%C3%A9%00"),
        ("date", date(33, 1, 2), b"d0033-01-02"),
        ("timestamp", datetime(1970, 1, 1, 0, 0, 1), b"t1000000"),
        ("timestamptz", datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), b"t0"),
        ("decimal(8,3)", Decimal("-0.5"), b"n-0.500"),
        ("decimal(8,3)", Decimal("-0"), b"n0.000"),
        ("decimal(8,0)", 7, b"n7"),
    ],
)
def test_spelling(type_name: str, value: object, spelling: bytes) -> None:
    assert KeyCodec(columns(type_name)).encode([value]) == spelling


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("boolean", 1),
        ("integer", 2**31),
        ("integer", True),
        ("integer", "7"),
        ("bigint", 7.0),
        ("varchar", 7),
        ("varchar", "\ud800"),
        ("date", datetime(2020, 1, 1)),
        ("timestamp", date(2020, 1, 1)),
        ("decimal(4,1)", Decimal("0.25")),
        ("decimal(4,1)", Decimal("1000")),
        ("decimal(4,1)", Decimal("NaN")),
        ("decimal(4,1)", 0.5),
        ("bigint", None),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_shown(type_name: str, value: object) -> None:
    with pytest.raises(KeyValueError) as raised:
        KeyCodec(columns(type_name)).encode([value])
    assert "k0" in str(raised.value)
    assert str(value) not in str(raised.value).replace("k0", "") or value is None


def test_a_float_cannot_identify_an_entity() -> None:
    with pytest.raises(KeyValueError, match="cannot identify"):
        KeyCodec(columns("double"))


def test_a_missing_part_of_a_key_is_named() -> None:
    with pytest.raises(KeyValueError, match="`k1`"):
        KeyCodec(columns("bigint", "varchar")).encode_of({"k0": 1})


@given(two_keys())
def test_a_key_written_as_text_is_the_same_key(
    drawn: tuple[list[ColumnContract], list[object], list[object]],
) -> None:
    key, values, _ = drawn
    texts = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    parsed = [parse_key_value(column, text) for column, text in zip(key, texts, strict=True)]
    assert KeyCodec(key).encode(parsed) == KeyCodec(key).encode(values)


@pytest.mark.parametrize(
    ("type_name", "text"), [("bigint", "x"), ("boolean", "1"), ("date", "31.12.2020"), ("decimal(4,1)", "ten")]
)
def test_text_of_another_type_is_refused(type_name: str, text: str) -> None:
    with pytest.raises(KeyValueError, match="`k0`"):
        parse_key_value(columns(type_name)[0], text)
