"""Whole queries in specs: the `no_rows` test and the spine of a training set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.model.sql_text import Problem, SqlText
from fpc.model.vocabulary import CLOCK_FUNCTIONS, FUNCTION_NODES, FUNCTIONS, NODES, OUTSIDE_FUNCTIONS, RANDOM_FUNCTIONS

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
_ALLOWED: Final = NODES | FUNCTION_NODES | _QUERY_NODES | _AGGREGATES
_WINDOW_FUNCTIONS: Final = frozenset(("PERCENT_RANK", "CUME_DIST", "NTILE", "MEAN"))


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read; no tree with the problems that forbid it."""

    tree: exp.Query | None
    problems: tuple[Problem, ...]


def read_query(sql: str, tables: tuple[str, ...] | None) -> Query:
    """Read one SELECT; `tables` are those that it may name, None for any of the warehouse. Never raises."""
    text = SqlText(sql)
    tree = None
    try:
        tree = text.parse_query()
        if tree is not None and _is_query(tree, text):
            _check(tree, text, tables)
    except RecursionError:
        text.add(codes.SQL_SYNTAX, "the SQL is nested too deeply", 0, len(sql), "nested too deeply")
    return Query(tree if isinstance(tree, exp.Query) and not text.problems else None, tuple(text.problems))


def _is_query(tree: exp.Expr, text: SqlText) -> bool:
    if isinstance(tree, exp.Query) and not isinstance(tree, exp.Subquery):
        return True
    message = "a query begins with SELECT or WITH"
    text.add(codes.NOT_AN_EXPRESSION, message, 0, len(text.sql), "not a query")
    return False


def _check(tree: exp.Expr, text: SqlText, tables: tuple[str, ...] | None) -> None:
    """Check every node of the query."""
    own = {cte.alias_or_name.casefold() for cte in tree.find_all(exp.CTE)}
    for node in tree.walk(prune=lambda node: isinstance(node, exp.Table | exp.DataType)):
        if node.comments:
            node.comments = None
        kind = type(node)
        text.add_clock_text(node)
        if isinstance(node, exp.Table):
            _check_table(node, text, tables, own)
        elif kind is exp.Anonymous:
            name = node.name.upper()
            if name == "AS_OF" or (name not in FUNCTIONS and name not in _WINDOW_FUNCTIONS):
                text.add_unknown_function(name, *text.extent(node))
        elif not isinstance(node, exp.DataType) and kind not in _ALLOWED:
            _refuse(node, text)


def _check_table(node: exp.Table, text: SqlText, tables: tuple[str, ...] | None, own: set[str]) -> None:
    start, end = text.extent(node.this)
    if not isinstance(node.this, exp.Identifier):
        text.add(codes.FILE_ACCESS, "a table function cannot be used in a spec", start, end, "not a table")
    elif any(part and not _TABLE.fullmatch(part) for part in (node.name, node.db, node.catalog)):
        text.add(codes.FILE_ACCESS, f"`{node.name[:60]}` is not the name of a table", start, end, "not a table")
    elif tables is not None and node.name.casefold() not in {*tables, *own}:
        names = " or ".join(f"`{table}`" for table in tables)
        message = f"`{node.name}` is not {names}"
        text.add(codes.OTHER_TABLE, message, start, end, "names another table", f"select from {names}")
    for join in node.args.get("joins") or ():
        _check(join, text, tables)


def _refuse(node: exp.Expr, text: SqlText) -> None:
    start, end = text.extent(node)
    word = text.sql[start:end].split("(")[0].strip().upper()
    if word in CLOCK_FUNCTIONS:
        text.add_clock(word, start, end)
    elif word in RANDOM_FUNCTIONS or word in OUTSIDE_FUNCTIONS:
        text.add_unknown_function(word, start, end)
    else:
        message = "this syntax is not supported in queries of specs"
        text.add(codes.UNSUPPORTED_SYNTAX, message, start, end, "not allowed here")
