"""Hypothesis values of every type that a row can hold."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

PLAIN: dict[str, st.SearchStrategy[object]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "hugeint": st.integers(-(2**127), 2**127 - 1),
    "real": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "decimal(12,2)": st.integers(-(10**12) + 1, 10**12 - 1).map(lambda unscaled: Decimal(unscaled).scaleb(-2)),
    "decimal(18,0)": st.integers(-(10**18) + 1, 10**18 - 1).map(Decimal),
    "decimal(38,10)": st.integers(-(10**38) + 1, 10**38 - 1).map(
        lambda unscaled: Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -10))
    ),
    "varchar": st.text(st.sampled_from("aZ0 ,é中\0\n\U0001f600"), max_size=20),
    "date": st.dates(),
    "timestamp": st.datetimes(),
    "timestamptz": st.datetimes(timezones=st.just(UTC), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),
}


def values_of(type_name: str) -> st.SearchStrategy[object]:
    """Values of a type, and null."""
    if type_name.endswith("[]"):
        return st.none() | st.lists(values_of(type_name.removesuffix("[]")), max_size=12)
    return st.none() | PLAIN[type_name]


TYPES = st.sampled_from(sorted(PLAIN)) | st.sampled_from(sorted(PLAIN)).map(lambda name: f"{name}[]")


@st.composite
def layouts_and_rows(draw: st.DrawFn) -> tuple[list[str], list[tuple[object, ...]]]:
    """A layout of up to twelve columns, and some rows of it."""
    types = draw(st.lists(TYPES, min_size=1, max_size=12))
    return types, draw(st.lists(st.tuples(*map(values_of, types)), min_size=1, max_size=6))
