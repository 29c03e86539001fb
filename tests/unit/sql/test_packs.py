"""A column that also numbers probes is read at them: nothing that is made of it may overflow, whatever the number."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from fpc.sql.training.calls import Input
from fpc.sql.training.names import units_name
from fpc.sql.training.packs import Field, Sum, pack
from fpc.sql.training.sweep import shareable
from fpc.types.logical import Kind, LogicalType

LARGEST = 2**63 - 1


def read(name: str, kind: Kind, precision: int | None = None, scale: int | None = None) -> Input:
    return Input(name, exp.column(name), LogicalType(kind, precision, scale), moves=False)


def moments(*inputs: Input) -> list[Field]:
    return [Field(kind, one) for one in inputs for kind in (Sum.COUNT, Sum.TOTAL, Sum.SQUARES)]


WIDE, WHOLE = read("wide", Kind.DECIMAL, 12, 2), read("whole", Kind.INTEGER)
SMALL, SMALLER = read("small", Kind.DECIMAL, 3, 1), read("smaller", Kind.DECIMAL, 2, 1)


def values_at_a_probe(fields: list[Field], shared: str | None) -> list[object]:
    """What every pack makes of a row that is a probe, whose number is as great as there are."""
    inputs = dict.fromkeys(field.input for field in fields if field.input is not None)
    names = [units_name(one.name) for one in inputs]
    numbers = ", ".join(f"CAST({LARGEST if name == shared else 'NULL'} AS BIGINT) AS {name}" for name in names)
    made = ", ".join(one.of_event().sql("duckdb") for one in pack(fields))
    return list(duckdb.execute(f"SELECT {made} FROM (SELECT {numbers})").fetchall()[0])


@pytest.mark.parametrize("inputs", [(WIDE,), (WHOLE,), (SMALL,), (WIDE, SMALL), (SMALL, SMALLER), (SMALLER, WHOLE)])
def test_no_number_of_a_probe_overflows(inputs: tuple[Input, ...]) -> None:
    fields = moments(*inputs)
    assert values_at_a_probe(fields, shareable(pack(fields)))


def test_a_square_that_is_shifted_would_overflow_and_is_not_shared() -> None:
    fields = moments(SMALL)
    assert shareable(pack(fields)) is None
    with pytest.raises(duckdb.OutOfRangeException):
        values_at_a_probe(fields, units_name(SMALL.name))


def test_a_wide_decimal_is_shared() -> None:
    assert shareable(pack(moments(WIDE))) == units_name("wide")
