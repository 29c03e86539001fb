"""The sum of limbs is the double nearest to it, whatever the unit: so the same values have the same sum anywhere."""

from __future__ import annotations

import random
from fractions import Fraction

import duckdb
from sqlglot import exp

from fpc.sql.training.calls import Input
from fpc.sql.training.limbs import LOW_BITS, limb_columns, scale_name, total_of
from fpc.types.logical import Kind, LogicalType

READ = Input("x", exp.column("x"), LogicalType(Kind.DOUBLE), moves=False)
NEVER = exp.Literal.number(0)


def total(high: str, low: str) -> str:
    return total_of(READ, exp.column(high), exp.column(low), NEVER.copy(), NEVER.copy()).sql("duckdb")


def connect(unit: float) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE {scale_name(READ)} AS SELECT CAST(? AS DOUBLE) AS unit", [unit])
    return connection


def limbs(dice: random.Random) -> tuple[int, int]:
    """Sums as wide as a shard's can be, many of them near a rounding's edge."""
    wide = 1 << dice.choice((0, 1, 5, 22, 23, 24, 43, 53, 60, 68))
    narrow = 1 << dice.choice((0, 1, 10, 38, 41, 60, 71, 97))
    high, low = dice.randrange(-wide, wide + 1), dice.randrange(-narrow, narrow + 1)
    if dice.random() < 0.3:
        high = high >> dice.randrange(40) << dice.randrange(2)
    if dice.random() < 0.3:
        low = (1 << dice.randrange(98)) * dice.choice((1, -1)) + dice.choice((-1, 0, 1))
    return high, low


def test_the_sum_is_rounded_once() -> None:
    dice = random.Random(1)
    pairs = [limbs(dice) for _ in range(1_500)]
    for unit in (1.0, 2.0**-40, 2.0**10):
        with connect(unit) as connection:
            connection.execute("CREATE TABLE sums (high HUGEINT, low HUGEINT)")
            values = ", ".join(f"('{high}', '{low}')" for high, low in pairs)
            connection.execute(f"INSERT INTO sums VALUES {values}")
            found = connection.execute(f"SELECT high, low, {total('high', 'low')} FROM sums").fetchall()
        assert len(found) == len(pairs)
        for high, low, value in found:
            assert value == float((high + Fraction(low, 1 << LOW_BITS)) * Fraction(unit)), (high, low, unit)


def test_the_same_values_have_the_same_sum_under_any_unit() -> None:
    dice = random.Random(2)
    sums = set()
    values = [dice.random() * 100 for _ in range(3_000)]
    for exponent in (7, 8, 13, 29, 40):
        with connect(2.0 ** (exponent - 44)) as connection:
            connection.execute("CREATE TABLE given AS SELECT UNNEST(?::DOUBLE[]) AS x", [values])
            columns = ", ".join(column.sql("duckdb") for column in limb_columns(READ))
            added = "SUM(_x_high)::HUGEINT AS high, SUM(_x_low)::HUGEINT AS low"
            query = f"SELECT {total('high', 'low')} FROM (SELECT {added} FROM (SELECT {columns} FROM given))"
            ((value,),) = connection.execute(query).fetchall()
            sums.add(value)
    assert sums == {float(sum(map(Fraction, values)))}
