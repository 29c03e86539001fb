"""One SQL expression of a spec: parsed, checked against the vocabulary, its aggregates taken out.

All of it depends on the text alone, so a text that many features share is read once; positions are offsets into the
text, and whoever knows where the text stands turns them into places in a file. Trees are shared likewise: copy one
before you change it or put it into another tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from fpc.aggregations import BY_SPELLING
from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.markers import find_marker
from fpc.model.vocabulary import (
    CLOCK_FUNCTIONS,
    FUNCTION_NODES,
    FUNCTIONS,
    NODES,
    OTHER_AGGREGATES,
    OUTSIDE_FUNCTIONS,
    RANDOM_FUNCTIONS,
    SYNTAX_WORDS,
    TYPE_WORDS,
)

PLACEHOLDER: Final = "__a"
REQUEST: Final = "request"
AS_OF: Final = "AS_OF"
_DIALECT: Final = DuckDB()

#: How an aggregate's node is spelled. Spellings that sqlglot does not know parse to `exp.Anonymous`, by name.
_AGGREGATE_NODES: Final[dict[type[exp.Expr], str]] = {
    exp.AnyValue: "ANY_VALUE",
    exp.ApproxDistinct: "APPROX_COUNT_DISTINCT",
    exp.ApproxQuantile: "APPROX_QUANTILE",
    exp.Avg: "AVG",
    exp.Count: "COUNT",
    exp.First: "FIRST",
    exp.Last: "LAST",
    exp.LogicalAnd: "BOOL_AND",
    exp.LogicalOr: "BOOL_OR",
    exp.Max: "MAX",
    exp.Median: "MEDIAN",
    exp.Min: "MIN",
    exp.Mode: "MODE",
    exp.PercentileCont: "PERCENTILE_CONT",
    exp.Stddev: "STDDEV",
    exp.StddevPop: "STDDEV_POP",
    exp.StddevSamp: "STDDEV_SAMP",
    exp.Sum: "SUM",
    exp.Variance: "VARIANCE",
    exp.VariancePop: "VAR_POP",
}
_CLOCK_NODES: Final = (
    exp.CurrentDate,
    exp.CurrentDatetime,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.Localtime,
    exp.Localtimestamp,
)
_OUTSIDE_NODES: Final = (exp.CurrentUser, exp.CurrentSchema, exp.CurrentCatalog, exp.SessionUser, exp.Parameter)
_QUERY_NODES: Final = (exp.Query, exp.Subquery, exp.Exists, exp.DDL, exp.DML, exp.Command)


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnostic in the making; `start` and `end` are offsets into the SQL text, the end exclusive."""

    code: Code
    message: str
    start: int
    end: int
    label: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column as written, with what stood before the dot."""

    name: str
    qualifier: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RawCall:
    """One aggregate call, its columns not yet looked up. `function` is the aggregation's name."""

    id: str
    function: str
    arguments: tuple[exp.Expr, ...]
    parameters: tuple[int | float, ...]
    filter: exp.Expr | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Expression:
    """What one text says.

    `tree` is the expression with each aggregate replaced by its placeholder column (None when there is a syntax
    error); `columns` are those of the whole text, in order; `outer_columns` those that stand outside of aggregates.
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
    reader = _Reader(sql)
    try:
        tree = reader.read()
    except RecursionError:
        reader.add(codes.SQL_SYNTAX, "the SQL is nested too deeply", 0, len(sql), "nested too deeply")
        tree = None
    return Expression(
        tree,
        tuple(reader.calls),
        tuple(sorted(reader.inner + reader.outer, key=lambda use: use.start)),
        tuple(reader.outer),
        tuple(reader.as_of),
        tuple(reader.problems),
    )


class _Reader:
    """The state of reading one text."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.problems: list[Problem] = []
        self.calls: list[RawCall] = []
        self.inner: list[ColumnUse] = []
        self.outer: list[ColumnUse] = []
        self.as_of: list[tuple[int, int]] = []
        self.tokens: list[Token] = []

    def add(self, code: Code, message: str, start: int, end: int, label: str, help: str | None = None) -> None:
        self.problems.append(Problem(code, message, start, end, label, help))

    def read(self) -> exp.Expr | None:
        if (marked := find_marker(self.sql)) is not None:
            marker, at = marked
            self.add(
                codes.TEMPLATE_MARKER,
                f"template marker `{marker}` in SQL",
                at,
                at + 2,
                "not part of SQL",
                "SQL is data here and is never rendered; write the value itself",
            )
        if self.problems:
            return None
        tree = self._parse()
        if tree is None:
            return None
        self._check_calls()
        if self.problems:
            return None
        tree = self._take_out_aggregates(tree)
        return None if self.problems else tree

    # -- text to tree ------------------------------------------------------------------------------------------

    def _parse(self) -> exp.Expr | None:
        try:
            self.tokens = _DIALECT.tokenize(self.sql)
        except TokenError:
            at = max(self.sql.rfind("'"), self.sql.rfind('"'), self.sql.rfind("/*"), 0)
            self.add(
                codes.SQL_SYNTAX,
                "the SQL cannot be read",
                at,
                max(at + 1, len(self.sql.rstrip())),
                "never ends",
                "close the quote or comment that begins here",
            )
            return None
        if not self.tokens:
            self.add(codes.SQL_SYNTAX, "there is no SQL here", 0, len(self.sql), "empty")
            return None
        for token in self.tokens:
            if token.token_type is TokenType.SEMICOLON:
                self.add(
                    codes.SEVERAL_STATEMENTS,
                    "a feature's SQL is one expression",
                    token.start,
                    token.end + 1,
                    "ends a statement",
                    "remove the semicolon and what follows it",
                )
                return None
        first = self.tokens[0]
        if first.text.upper() in _STATEMENTS and (len(self.tokens) == 1 or self.tokens[1].token_type in _WORDLIKE):
            self.add(
                codes.NOT_AN_EXPRESSION,
                f"`{first.text.upper()}` begins a statement, not an expression",
                first.start,
                first.end + 1,
                "a statement",
                "write only the expression: `SUM(amount)`, without SELECT and FROM",
            )
            return None
        try:
            trees = _DIALECT.parser().parse_into(exp.Condition, self.tokens, self.sql)
        except ParseError as error:
            self._add_parse_error(error)
            return None
        return trees[0]

    def _add_parse_error(self, error: ParseError) -> None:
        details = error.errors[0] if error.errors else {}
        line, column = details.get("line"), details.get("col")
        token = next((t for t in self.tokens if t.line == line and t.col == column), self.tokens[-1])
        index = self.tokens.index(token)
        word = token.text.upper()
        if token.token_type in (TokenType.ALIAS, TokenType.FROM) or word in ("AS", "FROM"):
            self.add(
                codes.NOT_AN_EXPRESSION,
                f"`{word}` is not part of an expression",
                token.start,
                token.end + 1,
                "the expression ends before this",
                "remove it: `name` names the feature, and `source` says what it reads",
            )
            return
        if token.token_type is TokenType.COMMA and self._depth_before(index) == 0:
            self.add(
                codes.SEVERAL_STATEMENTS,
                "a feature's SQL is one expression",
                token.start,
                token.end + 1,
                "begins a second",
                "write a feature for each",
            )
            return
        description = str(details.get("description") or "syntax error")
        text = "unexpected here" if "Expecting" not in description else description[0].lower() + description[1:]
        if index == len(self.tokens) - 1 and "missing" in description:
            text = "something is missing after this"
        self.add(
            codes.SQL_SYNTAX,
            "the SQL cannot be parsed",
            token.start,
            token.end + 1,
            text,
            "an expression in DuckDB's dialect is expected",
        )

    def _depth_before(self, index: int) -> int:
        opened = sum(t.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET) for t in self.tokens[:index])
        return opened - sum(t.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET) for t in self.tokens[:index])

    # -- the calls, by their tokens ----------------------------------------------------------------------------

    def _check_calls(self) -> None:
        """Every word before a parenthesis is a known function with as many arguments as it takes."""
        tokens = self.tokens
        for index in range(len(tokens) - 1):
            if tokens[index + 1].token_type is not TokenType.L_PAREN:
                continue
            token = tokens[index]
            word = token.text.upper()
            if token.token_type is TokenType.STRING or not (word[:1].isalpha() or word[:1] == "_"):
                continue
            if word in SYNTAX_WORDS and word not in OTHER_AGGREGATES:
                continue
            if word in TYPE_WORDS and index and tokens[index - 1].token_type in (TokenType.ALIAS, TokenType.DCOLON):
                continue
            self._check_call(index, word)

    def _check_call(self, index: int, word: str) -> None:
        token = self.tokens[index]
        start, end = token.start, token.end + 1
        if word in BY_SPELLING:
            return
        if index and self.tokens[index - 1].token_type is TokenType.DOT:
            self.add(
                codes.UNKNOWN_FUNCTION,
                f"`{token.text}` is called with a dot",
                start,
                end,
                "functions stand on their own",
                f"write `{word}(...)`",
            )
            return
        arity = FUNCTIONS.get(word)
        if arity is None:
            self._add_unknown_function(word, start, end)
            return
        given = self._count_arguments(index + 1)
        least, most = arity
        if not least <= given <= most:
            takes = str(least) if least == most else f"{least} to {most}"
            help = "with one argument it would read the clock" if word == "AGE" else None
            self.add(
                codes.TYPE_ERROR,
                f"`{word}` takes {takes} argument{'' if takes == '1' else 's'}",
                start,
                end,
                f"has {given}",
                help,
            )

    def _add_unknown_function(self, word: str, start: int, end: int) -> None:
        if word in CLOCK_FUNCTIONS:
            self._add_clock(word, start, end)
        elif word in RANDOM_FUNCTIONS:
            self.add(
                codes.NOT_DETERMINISTIC,
                f"`{word}` gives another answer at each call",
                start,
                end,
                "not deterministic",
                "a feature's value must be the same whenever it is computed",
            )
        elif word in OUTSIDE_FUNCTIONS:
            self.add(
                codes.FILE_ACCESS,
                f"`{word}` reaches outside of the source's rows",
                start,
                end,
                "not allowed in a spec",
                "declare what it reads as a source",
            )
        elif word in OTHER_AGGREGATES:
            known = ", ".join(sorted(BY_SPELLING))
            self.add(
                codes.UNSUPPORTED_AGGREGATE,
                f"aggregate `{word}` is not supported",
                start,
                end,
                "not one of the platform's aggregates",
                OTHER_AGGREGATES[word] or f"aggregates: {known}",
            )
        else:
            self.add(
                codes.UNKNOWN_FUNCTION,
                f"unknown function `{word}`",
                start,
                end,
                "not among the functions that specs may use",
                did_you_mean(word, (*FUNCTIONS, *BY_SPELLING)),
            )

    def _add_clock(self, word: str, start: int, end: int) -> None:
        self.add(
            codes.CLOCK_FUNCTION,
            f"`{word}` reads the clock",
            start,
            end,
            "differs from run to run",
            "write `AS_OF()`, the instant that the value is asked for",
        )

    def _count_arguments(self, opening: int) -> int:
        """How many arguments stand between a parenthesis and its closing one."""
        depth = commas = 0
        for position in range(opening, len(self.tokens)):
            kind = self.tokens[position].token_type
            if kind in _OPENING:
                depth += 1
            elif kind in _CLOSING:
                depth -= 1
                if depth == 0:
                    return 0 if position == opening + 1 else commas + 1
            elif kind is TokenType.COMMA and depth == 1:
                commas += 1
        return commas + 1

    # -- the tree ----------------------------------------------------------------------------------------------

    def _take_out_aggregates(self, root: exp.Expr) -> exp.Expr:
        """Replace each outermost aggregate by its placeholder, checking every node on the way."""
        top = exp.Paren(this=root)
        stack: list[exp.Expr] = [root]
        found: list[exp.Expr] = []
        while stack:
            node = stack.pop()
            if _aggregate_word(node) is not None:
                found.append(node)
            elif self._check_node(node, self.outer):
                stack.extend(node.iter_expressions())
        located = sorted(((self._extent(node), node) for node in found), key=lambda pair: pair[0])
        ids: dict[exp.Expr, str] = {}
        for (start, end), node in located:
            call = self._call(node, start, end)
            if call is None:
                continue
            key = _key(call)
            id = ids.get(key)
            if id is None:
                id = ids[key] = f"{PLACEHOLDER}{len(ids)}"
                self.calls.append(RawCall(id, *call, start, end))
            node.replace(exp.column(id))
        tree: exp.Expr = top.this
        return tree.pop()

    def _check_scalar(self, root: exp.Expr) -> None:
        """Check the inside of an aggregate."""
        stack = [root]
        while stack:
            node = stack.pop()
            word = _aggregate_word(node)
            if word is not None:
                start, end = self._extent(node)
                self.add(
                    codes.NESTED_AGGREGATE,
                    f"`{word}` stands inside another aggregate",
                    start,
                    end,
                    "an aggregate of aggregates",
                    "compute the inner one in a feature of its own",
                )
            elif self._check_node(node, self.inner):
                stack.extend(node.iter_expressions())

    def _check_node(self, node: exp.Expr, columns: list[ColumnUse]) -> bool:
        """Whether to look into the node; reports it when it may not stand in a spec."""
        kind = type(node)
        if node.comments:
            node.comments = None
        if isinstance(node, exp.Column):
            self._check_column(node, columns)
            return False
        if kind in NODES:
            return self._check_known(node)
        if kind is exp.Anonymous:
            name = node.name.upper()
            if name == AS_OF:
                start, end = self._extent(node)
                self.as_of.append((start, end))
                node.set("this", AS_OF)
            elif name not in FUNCTIONS:
                self._add_unknown_function(name, *self._extent(node))
                return False
            return True
        if kind is exp.Log:
            self._keep_name(node)
        if kind in FUNCTION_NODES:
            return True
        self._refuse(node)
        return False

    def _check_known(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
            self._refuse(node)
            return False
        if isinstance(node, exp.DataType):
            if node.this is exp.DType.USERDEFINED:
                self._refuse(node)
            return False
        return True

    def _check_column(self, node: exp.Column, columns: list[ColumnUse]) -> None:
        start, end = self._extent(node)
        if isinstance(node.this, exp.Star) or node.args.get("db") or node.args.get("catalog"):
            self._refuse(node)
            return
        if (
            not node.table
            and not node.this.args.get("quoted")
            and node.name.upper() in CLOCK_FUNCTIONS - {"NOW", "TODAY"}
        ):
            self._add_clock(node.name.upper(), start, end)
            return
        columns.append(ColumnUse(node.name, node.table or None, start, end))

    def _keep_name(self, node: exp.Expr) -> None:
        """LOG10(x) and LOG2(x) are parsed to LOG(10, x), which rounds in another way; they keep their own names."""
        start = node.meta.get("start")
        word = "" if start is None else self.sql[start : node.meta["end"] + 1].upper()
        if word in ("LOG2", "LOG10"):
            node.replace(exp.Anonymous(this=word, expressions=[node.expression]))

    def _refuse(self, node: exp.Expr) -> None:
        start, end = self._extent(node)
        if isinstance(node, _CLOCK_NODES):
            self._add_clock(self.sql[start:end].split("(")[0].upper().strip(), start, end)
        elif isinstance(node, exp.Rand | exp.Randn | exp.Uuid):
            self._add_unknown_function("RANDOM", start, end)
        elif isinstance(node, _OUTSIDE_NODES):
            self.add(
                codes.FILE_ACCESS, "the SQL reaches outside of the source's rows", start, end, "not allowed in a spec"
            )
        elif isinstance(node, exp.Window):
            self.add(
                codes.WINDOW_FUNCTION,
                "a feature's SQL cannot use OVER",
                start,
                end,
                "a window function",
                "say how far back to look with `window`; `LAST_K` and `FIRST_K` give events in order",
            )
        elif isinstance(node, _QUERY_NODES):
            self.add(
                codes.NOT_AN_EXPRESSION,
                "a feature's SQL cannot hold a query",
                start,
                end,
                "a query",
                "declare what it reads as a source, and join features in a service",
            )
        elif isinstance(node, exp.In):
            self.add(codes.NOT_AN_EXPRESSION, "a feature's SQL cannot hold a query", start, end, "reads another table")
        elif isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            self.add(
                codes.NOT_AN_EXPRESSION,
                "`*` stands for no single value",
                start,
                end,
                "every column",
                "name the column, or write `COUNT(*)`",
            )
        elif isinstance(node, exp.AggFunc):
            word = self.sql[start:end].split("(")[0].upper().strip()
            self.add(
                codes.UNSUPPORTED_AGGREGATE,
                f"aggregate `{word}` is not supported",
                start,
                end,
                "not one of the platform's aggregates",
                OTHER_AGGREGATES.get(word),
            )
        else:
            self.add(
                codes.UNSUPPORTED_SYNTAX,
                "this syntax is not supported in specs",
                start,
                end,
                "not part of the expressions that features may use",
            )

    # -- aggregate calls ---------------------------------------------------------------------------------------

    def _call(
        self, node: exp.Expr, start: int, end: int
    ) -> tuple[str, tuple[exp.Expr, ...], tuple[int | float, ...], exp.Expr | None] | None:
        """The function, arguments, parameters and filter of an aggregate, or None after reporting."""
        before = len(self.problems)
        condition: exp.Expr | None = None
        if isinstance(node, exp.Filter):
            condition = node.expression.this
            self._check_scalar(condition)
            node = node.this
        if isinstance(node, exp.IgnoreNulls):
            node = node.this
        ordered: exp.Expr | None = None
        if isinstance(node, exp.WithinGroup):
            ordered = self._within_group(node, start, end)
            node = node.this
        word = _word_of(node)
        if node.comments:
            node.comments = None
        values = [value for value in _values(node) if value is not None]
        if ordered is not None:
            values.insert(0, ordered)
        if len(values) == 1 and isinstance(values[0], exp.Distinct):
            values = list(values[0].expressions)
            if word != "COUNT":
                self.add(
                    codes.UNSUPPORTED_AGGREGATE,
                    f"`{word}(DISTINCT ...)` is not supported",
                    start,
                    end,
                    "DISTINCT goes with COUNT alone",
                )
                return None
            word = "COUNT_DISTINCT"
        if len(values) == 1 and isinstance(values[0], exp.Star) and word == "COUNT":
            values = []
        call = self._arguments(word, values, start, end)
        return None if call is None or len(self.problems) > before else (*call, condition)

    def _within_group(self, node: exp.WithinGroup, start: int, end: int) -> exp.Expr | None:
        order = node.expression.expressions
        if len(order) == 1 and not order[0].args.get("desc"):
            inner: exp.Expr = order[0].this
            return inner
        self.add(
            codes.UNSUPPORTED_SYNTAX,
            "WITHIN GROUP orders by one expression, ascending",
            start,
            end,
            "another order",
            "write `QUANTILE_CONT(x, p)`",
        )
        return None

    def _arguments(
        self, word: str, values: list[exp.Expr], start: int, end: int
    ) -> tuple[str, tuple[exp.Expr, ...], tuple[int | float, ...]] | None:
        aggregation = BY_SPELLING[word]
        count = len(values) - aggregation.parameters
        if count not in aggregation.arguments:
            wanted = " or ".join(str(number + aggregation.parameters) for number in aggregation.arguments)
            self.add(
                codes.AGGREGATE_ARGUMENT,
                f"`{word}` takes {wanted} argument{'' if wanted == '1' else 's'}",
                start,
                end,
                f"has {len(values)}",
            )
            return None
        arguments, constants = values[:count], values[count:]
        for argument in arguments:
            self._check_scalar(argument)
        parameters = tuple(number for number in map(_number, constants) if number is not None)
        problem = "must be a constant number" if len(parameters) < len(constants) else aggregation.problem(parameters)
        if problem is not None:
            at = self._extent(constants[0]) if constants else (start, end)
            self.add(codes.AGGREGATE_ARGUMENT, f"the last argument of `{word}` {problem}", *at, problem)
            return None
        return aggregation.name, tuple(arguments), parameters

    # -- where a node stands -----------------------------------------------------------------------------------

    def _extent(self, node: exp.Expr) -> tuple[int, int]:
        """The stretch of the text that a node covers: sqlglot marks words and literals, the rest is worked out."""
        start, end = len(self.sql), -1
        for inner in node.walk():
            meta = inner.meta if inner._meta else {}
            if "start" in meta:
                start, end = min(start, meta["start"]), max(end, meta["end"])
        if end < 0:
            return self._guess(node)
        first = next((i for i, token in enumerate(self.tokens) if token.end >= start), 0)
        last = next((i for i, token in enumerate(self.tokens) if token.end >= end), len(self.tokens) - 1)
        if isinstance(node, exp.Func | exp.Filter | exp.WithinGroup | exp.Cast | exp.IgnoreNulls | exp.Window):
            first = self._head(first, node)
        return self.tokens[first].start, self._close(first, last, node)

    def _head(self, first: int, node: exp.Expr) -> int:
        """A call that carries no mark of its own begins at the word before its parenthesis."""
        position = first
        while position > 0 and self.tokens[position].token_type is not TokenType.L_PAREN:
            if (
                self.tokens[position + 1 if position + 1 < len(self.tokens) else position].token_type
                is TokenType.L_PAREN
            ):
                break
            position -= 1
        if self.tokens[position].token_type is TokenType.L_PAREN and position > 0:
            return position - 1
        return position if position + 1 < len(self.tokens) else first

    def _close(self, first: int, last: int, node: exp.Expr) -> int:
        """Past the parentheses that were opened within the stretch."""
        depth = 0
        position = first
        while position <= last:
            depth += (self.tokens[position].token_type in _OPENING) - (self.tokens[position].token_type in _CLOSING)
            position += 1
        while depth > 0 and position < len(self.tokens):
            depth += (self.tokens[position].token_type in _OPENING) - (self.tokens[position].token_type in _CLOSING)
            position += 1
        return self.tokens[position - 1].end + 1

    def _guess(self, node: exp.Expr) -> tuple[int, int]:
        """A node without any mark in it (`CURRENT_DATE`, `*`, `COUNT()`): the token that it must come from."""
        words: tuple[str, ...] = ("*",) if isinstance(node, exp.Star) else ()
        if isinstance(node, exp.Func):
            words = tuple(node.sql_names())
        for token in self.tokens:
            if token.text.upper() in words:
                return token.start, token.end + 1
        for token in self.tokens:
            if token.text.upper() in CLOCK_FUNCTIONS and isinstance(node, _CLOCK_NODES):
                return token.start, token.end + 1
        return 0, len(self.sql.rstrip()) or len(self.sql)


_OPENING: Final = frozenset((TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE))
_CLOSING: Final = frozenset((TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE))
_STATEMENTS: Final = frozenset(
    (
        "ALTER", "ATTACH", "CALL", "CHECKPOINT", "COPY", "CREATE", "DELETE", "DESCRIBE", "DETACH", "DROP", "EXPLAIN",
        "EXPORT", "FROM", "IMPORT", "INSERT", "INSTALL", "LOAD", "MERGE", "PIVOT", "PRAGMA", "SELECT", "SET", "SHOW",
        "SUMMARIZE", "TRUNCATE", "UNPIVOT", "UPDATE", "USE", "VACUUM", "VALUES", "WITH",
    )
)  # fmt: skip
_WORDLIKE: Final = frozenset(
    (
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.STAR,
        TokenType.STRING,
        TokenType.NUMBER,
        TokenType.TABLE,
        TokenType.L_PAREN,
        TokenType.FROM,
        TokenType.INTO,
        TokenType.DISTINCT,
        TokenType.SELECT,
        TokenType.VIEW,
    )
)


def _word_of(node: exp.Expr) -> str:
    word = _AGGREGATE_NODES.get(type(node))
    return word if word is not None else node.name.upper()


def _aggregate_word(node: exp.Expr) -> str | None:
    """The spelling of the aggregate that a node is, looked at through FILTER and its like; None for other nodes."""
    inner = node
    while isinstance(inner, exp.Filter | exp.IgnoreNulls | exp.WithinGroup):
        inner = inner.this
    word = _AGGREGATE_NODES.get(type(inner))
    if word is None and isinstance(inner, exp.Anonymous) and inner.name.upper() in BY_SPELLING:
        word = inner.name.upper()
    return word


def _values(node: exp.Expr) -> list[exp.Expr | None]:
    """The arguments of a call in the order in which they are written."""
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    found: list[exp.Expr | None] = []
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            found.append(value)
        elif isinstance(value, list):
            found.extend(item for item in value if isinstance(item, exp.Expr))
    return found


def _number(node: exp.Expr) -> int | float | None:
    """The number that a constant spells."""
    while isinstance(node, exp.Paren):
        node = node.this
    negative = isinstance(node, exp.Neg)
    literal = node.this if negative else node
    if not isinstance(literal, exp.Literal) or literal.is_string:
        return None
    try:
        value = int(literal.this) if literal.is_int else float(literal.this)
    except ValueError:
        return None
    return -value if negative else value


def _key(call: tuple[str, tuple[exp.Expr, ...], tuple[int | float, ...], exp.Expr | None]) -> exp.Expr:
    """A node that is equal for equal calls."""
    function, arguments, parameters, condition = call
    constants = [exp.Literal.number(number) for number in parameters]
    return exp.Anonymous(
        this=function,
        expressions=[exp.Tuple(expressions=[a.copy() for a in arguments]), *constants, condition and condition.copy()],
    )
