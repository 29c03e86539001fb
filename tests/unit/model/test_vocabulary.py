"""The allow-list: complete against DuckDB and the aggregations, and printed as it was meant."""

from __future__ import annotations

import itertools
import random

import duckdb
import pytest
from sqlglot.dialects.duckdb import DuckDB

from fpc.aggregations import BY_SPELLING
from fpc.model.expressions import read_expression
from fpc.model.vocabulary import FUNCTIONS, RESERVED_WORDS, UNITS

_ROWS = """
    CREATE TABLE t AS SELECT * FROM (VALUES
        (1, 2.5::DOUBLE, -7.25::DECIMAL(12, 2), 'Hello World', 'l', DATE '2024-02-29',
         TIMESTAMPTZ '2024-03-08 12:34:56.789+00', true, [3, 1, 2]),
        (1000, 0.001, 1000.00, '{"a": [1]}', '', DATE '1969-12-31', TIMESTAMPTZ '1970-01-01 00:00:00+00', false, [1]),
        (-5, -2.5, 0, 'été 日本', 'é', DATE '2000-01-01', TIMESTAMPTZ '1999-12-31 23:59:59.999999+00', null, null),
        (null, null, null, null, null, null, null, null, null)
    ) v(i, f, d, s, u, dt, ts, b, l)
"""
_ARGUMENTS = ("i", "f", "d", "s", "u", "dt", "ts", "b", "l", "2", "'%Y %j %-d %p %f'", "'day'", "'hour'", "'l'",
              "INTERVAL 1 HOUR", "1.5", "'a'")  # fmt: skip
_IN_FURTHER = ("AS_OF", "DATEDIFF", "DATE_DIFF", "MAKE_DATE", "TIMEZONE", "XOR")
_FURTHER = [
    "i + f * d - i / 2",
    "i // 3",
    "i % 3",
    "f ** 2",
    "i & 3 | 4",
    "s || u",
    "s LIKE 'H%' OR s ILIKE 'h%' AND NOT b",
    "s SIMILAR TO 'H.*'",
    "i BETWEEN 1 AND 5",
    "i IN (1, 2, -5)",
    "i IS NULL OR i IS NOT DISTINCT FROM 1",
    "CASE i WHEN 1 THEN 'one' ELSE 'other' END",
    "CASE WHEN f > 0 THEN 1 WHEN f < 0 THEN -1 END",
    "CAST(f AS INTEGER)",
    "f::DECIMAL(10, 1)",
    "TRY_CAST(s AS BIGINT)",
    "EXTRACT(hour FROM ts)",
    "ts AT TIME ZONE 'America/New_York'",
    "TIMEZONE('America/New_York', ts)",
    "MAKE_DATE(2024, 2, ABS(i) % 27 + 1)",
    "XOR(i, 5)",
    "DATE_DIFF('minute', ts, TIMESTAMPTZ '2024-01-01 00:00:30+00')",
    "DATEDIFF('day', dt, DATE '2024-01-01')",
    "DATE_TRUNC('week', ts)",
    "ts + INTERVAL 3 DAY - INTERVAL '2 hours'",
    "l[1]",
    "l[1:2]",
    "s[1:3]",
    "[i, 2]",
    "'{\"a\": [1, 2]}' ->> '$.a[1]'",
    "STRFTIME(ts, '%H:%M:%S.%f %A %B')",
    "STRPTIME('08/03/2024', '%d/%m/%Y')",
    "POSITION('l' IN s)",
    "LOG10(1000) = 3 AND LOG2(8) = 3 AND LOG(1000) = 3",
    "FLOOR(LOG10(i))",
    "SUBSTRING(s, 2, 3)",
    "-i + +i",
    "'it''s' || s",
    "1e3 + 0.1",
]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect(":memory:", config={"threads": 1})
    found.execute("SET TimeZone = 'UTC'")
    found.execute(_ROWS)
    return found


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    try:
        return repr(connection.execute(f"SELECT ({sql}) FROM t").fetchall())
    except duckdb.Error:
        return None


def _calls(name: str, least: int, most: int) -> list[str]:
    calls = []
    for count in range(least, min(most, 3) + 1):
        combinations = list(itertools.product(_ARGUMENTS, repeat=count))
        random.Random(name).shuffle(combinations)
        calls += [f"{name}({', '.join(arguments)})" for arguments in combinations[:120]]
    return calls


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in _IN_FURTHER])
def test_a_function_is_printed_as_what_was_written(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    generator = DuckDB().generator(identify=True)
    seen = 0
    for sql in _calls(name, *FUNCTIONS[name]):
        expression = read_expression(sql)
        written = _answer(connection, sql)
        if expression.tree is None or written is None:
            continue
        assert _answer(connection, generator.generate(expression.tree)) == written, sql
        seen += 1
        if seen == 4:
            return
    assert seen or name.startswith("MAKE_"), "no call of this function works"


@pytest.mark.parametrize("sql", _FURTHER)
def test_an_expression_is_printed_as_what_was_written(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    expression = read_expression(sql)
    assert expression.tree is not None, expression.problems
    written = _answer(connection, sql)
    assert written is not None
    assert _answer(connection, DuckDB().generator(identify=True).generate(expression.tree)) == written


def test_printing_for_types_leaves_shared_trees_alone() -> None:
    generator = DuckDB().generator(identify=True, comments=False)
    for sql in (*_FURTHER, *(call for name, arity in FUNCTIONS.items() for call in _calls(name, *arity)[:3])):
        tree = read_expression(sql).tree
        if tree is not None:
            before = tree.copy()
            printed = generator.generate(tree, copy=False)
            assert tree == before
            assert generator.generate(tree, copy=False) == printed


@pytest.mark.parametrize("spelling", sorted(BY_SPELLING))
def test_every_spelling_of_every_aggregation_is_read(spelling: str) -> None:
    aggregation = BY_SPELLING[spelling]
    constant = "" if not aggregation.parameters else ", 0.5" if "percentile" in aggregation.name else ", 3"
    expression = read_expression(f"1 + {spelling.lower()}(x{constant}) FILTER (WHERE y)")
    (call,) = expression.calls
    assert call.function == aggregation.name
    assert [argument.name for argument in call.arguments] == ["x"]
    assert len(call.parameters) == aggregation.parameters
    assert call.filter is not None
    assert {use.name for use in expression.columns} == {"x", "y"}
    assert not expression.problems


def test_count_distinct_and_within_group_are_read() -> None:
    (call,) = read_expression("COUNT(DISTINCT x)").calls
    assert call.function == "count_distinct"
    (call,) = read_expression("PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY x)").calls
    assert (call.function, call.parameters, call.arguments[0].name) == ("percentile", (0.25,), "x")


def test_equal_calls_share_a_placeholder() -> None:
    expression = read_expression("SUM(x) / (SUM(x) + COUNT(*) + COUNT(*) FILTER (WHERE y))")
    assert [call.id for call in expression.calls] == ["__a0", "__a1", "__a2"]
    assert expression.tree is not None
    assert expression.tree.sql() == "__a0 / (__a0 + __a1 + __a2)"


def test_reserved_words_are_those_of_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'")
    assert {name for (name,) in rows.fetchall()} <= RESERVED_WORDS


def test_units_are_known_to_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    for unit in UNITS:
        assert _answer(connection, f"DATE_PART('{unit}', ts)") is not None, unit
