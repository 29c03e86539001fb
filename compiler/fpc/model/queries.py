"""Whole queries in specs: the `no_rows` test and the spine of a training set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError

from fpc.diagnostics import codes
from fpc.model.markers import find_marker
from fpc.model.sql_text import Problem
from fpc.model.vocabulary import CLOCK_FUNCTIONS, FUNCTION_NODES, FUNCTIONS, NODES

_DIALECT: Final = DuckDB()
_TABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUERY_NODES: Final[frozenset[type[exp.Expr]]] = frozenset(
    (
        exp.Alias, exp.CTE, exp.Distinct, exp.Except, exp.Exists, exp.Filter, exp.From, exp.Group, exp.Having,
        exp.IgnoreNulls, exp.Intersect, exp.Join, exp.Limit, exp.Offset, exp.Order, exp.Ordered, exp.Qualify,
        exp.Select, exp.Star, exp.Subquery, exp.Table, exp.TableAlias, exp.Union, exp.Where, exp.Window,
        exp.WindowSpec, exp.With,
    )
)  # fmt: skip
_AGGREGATES: Final = frozenset(
    (
        exp.AnyValue, exp.ApproxDistinct, exp.ArgMax, exp.ArgMin, exp.Avg, exp.Count, exp.CountIf, exp.DenseRank,
        exp.First, exp.FirstValue, exp.Lag, exp.Last, exp.LastValue, exp.Lead, exp.LogicalAnd, exp.LogicalOr, exp.Max,
        exp.Median, exp.Min, exp.Mode, exp.PercentileCont, exp.Quantile, exp.Rank, exp.RowNumber, exp.Stddev,
        exp.StddevPop, exp.StddevSamp, exp.Sum, exp.Variance, exp.VariancePop,
    )
)  # fmt: skip
_WINDOW_FUNCTIONS: Final = frozenset(("PERCENT_RANK", "CUME_DIST", "NTILE", "MEAN"))


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read; None with the problems that forbid it."""

    tree: exp.Query | None
    problems: tuple[Problem, ...]


def read_query(sql: str, tables: tuple[str, ...] | None) -> Query:
    """Read one SELECT; `tables` are those that it may name, None for any of the warehouse. Never raises."""
    try:
        return _read(sql, tables)
    except RecursionError:
        return Query(None, (Problem(codes.SQL_SYNTAX, "the SQL is nested too deeply", 0, len(sql), "too deep"),))


def _read(sql: str, tables: tuple[str, ...] | None) -> Query:
    if (marked := find_marker(sql)) is not None:
        marker, at = marked
        problem = Problem(codes.TEMPLATE_MARKER, f"template marker `{marker}` in SQL", at, at + 2, "not part of SQL")
        return Query(None, (problem,))
    try:
        trees = [tree for tree in _DIALECT.parse(sql) if tree is not None]
    except (ParseError, TokenError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return Query(
            None,
            (
                Problem(
                    codes.SQL_SYNTAX,
                    "the SQL cannot be parsed",
                    0,
                    len(sql.rstrip()),
                    "not a query in DuckDB's dialect",
                ),
            ),
        )
    if len(trees) != 1:
        return Query(
            None,
            (
                Problem(
                    codes.SEVERAL_STATEMENTS, "one query is expected", 0, len(sql.rstrip()), f"{len(trees)} statements"
                ),
            ),
        )
    tree = trees[0]
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Subquery):
        return Query(
            None,
            (
                Problem(
                    codes.NOT_AN_EXPRESSION, "a query begins with SELECT or WITH", 0, len(sql.rstrip()), "not a query"
                ),
            ),
        )
    problems = _problems(tree, sql, tables)
    return Query(None if problems else tree, problems)


def _problems(tree: exp.Query, sql: str, tables: tuple[str, ...] | None) -> tuple[Problem, ...]:
    found: list[Problem] = []
    own = {cte.alias_or_name.casefold() for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        kind = type(node)
        if node.comments:
            node.comments = None
        if isinstance(node, exp.Table):
            found.extend(_table_problems(node, sql, tables, own))
        elif kind is exp.Anonymous:
            name = node.name.upper()
            if name == "AS_OF" or (name not in FUNCTIONS and name not in _WINDOW_FUNCTIONS):
                found.append(_refusal(node, sql, f"function `{name}` cannot be used in a query of a spec"))
        elif isinstance(node, exp.DataType):
            continue
        elif kind not in NODES and kind not in FUNCTION_NODES and kind not in _QUERY_NODES and kind not in _AGGREGATES:
            word = kind.__name__
            if isinstance(node, exp.Func):
                word = node.sql_names()[0]
            if word.upper() in CLOCK_FUNCTIONS:
                found.append(
                    Problem(
                        codes.CLOCK_FUNCTION,
                        f"`{word.upper()}` reads the clock",
                        *_extent(node, sql),
                        "differs from run to run",
                    )
                )
            else:
                found.append(_refusal(node, sql, f"`{word}` cannot be used in a query of a spec"))
    return tuple(found)


def _table_problems(node: exp.Table, sql: str, tables: tuple[str, ...] | None, own: set[str]) -> list[Problem]:
    inner = node.this
    if not isinstance(inner, exp.Identifier):
        return [_refusal(node, sql, "a table function cannot be used in a spec", codes.FILE_ACCESS)]
    parts = [node.name, node.db, node.catalog]
    if any(part and not _TABLE.fullmatch(part) for part in parts):
        return [_refusal(node, sql, f"`{node.name[:60]}` is not the name of a table", codes.FILE_ACCESS)]
    if tables is not None and node.name.casefold() not in {*tables, *own}:
        names = " or ".join(f"`{table}`" for table in tables)
        start, end = _extent(node, sql)
        return [
            Problem(
                codes.OTHER_TABLE,
                f"`{node.name}` is not {names}",
                start,
                end,
                "names another table",
                f"select from {names}",
            )
        ]
    return []


def _refusal(node: exp.Expr, sql: str, message: str, code: codes.Code = codes.UNSUPPORTED_SYNTAX) -> Problem:
    start, end = _extent(node, sql)
    return Problem(code, message, start, end, "not allowed here")


def _extent(node: exp.Expr, sql: str) -> tuple[int, int]:
    marks = [inner.meta for inner in node.walk() if "start" in inner.meta]
    if not marks:
        return 0, len(sql.rstrip())
    return min(mark["start"] for mark in marks), max(mark["end"] for mark in marks) + 1
