"""One SQL expression of a spec: parsed, checked against the vocabulary, its aggregates taken out.

All of it depends on the text alone, so a text that many features share is read once; positions are offsets into the
text, and whoever knows where the text stands turns them into places in a file. Trees are shared likewise: copy one
before you change it or put it into another tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.model.aggregate_calls import ColumnUse, RawCall, TreeReader
from fpc.model.sql_text import Problem, SqlText


@dataclass(frozen=True, slots=True)
class Expression:
    """What one text says.

    `tree` is the expression with each aggregate replaced by its placeholder column, None when something is wrong;
    `columns` are those of the whole text, in order; `outer_columns` those that stand outside of aggregates; `as_of`
    where `AS_OF()` is called.
    """

    tree: exp.Expr | None
    calls: tuple[RawCall, ...]
    columns: tuple[ColumnUse, ...]
    outer_columns: tuple[ColumnUse, ...]
    as_of: tuple[tuple[int, int], ...]
    problems: tuple[Problem, ...]


@lru_cache(maxsize=65_536)
def read_expression(sql: str) -> Expression:
    """Read one expression; never raises."""
    text = SqlText(sql)
    reader = TreeReader(text)
    tree = None
    try:
        parsed = text.parse()
        if parsed is not None:
            tree = reader.read(parsed)
    except RecursionError:
        text.add(codes.SQL_SYNTAX, "the SQL is nested too deeply", 0, len(sql), "nested too deeply")
    columns = sorted(reader.inner + reader.outer, key=lambda use: use.start)
    return Expression(
        None if text.problems else tree,
        tuple(reader.calls),
        tuple(columns),
        tuple(reader.outer),
        tuple(reader.as_of),
        tuple(text.problems),
    )
