"""One SQL text of a spec as tokens: read, its calls checked by name, problems collected with their offsets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
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
    CLOCK_TEXTS,
    FUNCTIONS,
    OTHER_AGGREGATES,
    OUTSIDE_FUNCTIONS,
    RANDOM_FUNCTIONS,
    STATEMENTS,
    SYNTAX_WORDS,
    TYPE_WORDS,
    UNIT_FUNCTIONS,
    UNITS,
)

_DIALECT: Final = DuckDB()
# Both are used again and again: making them costs as much as reading a short text does.
_TOKENIZER: Final = _DIALECT.tokenizer()
_PARSER: Final = _DIALECT.parser()
#: As many problems of one text as anybody reads before mending some.
MOST_PROBLEMS: Final = 20
#: Deeper parentheses than this are no formula that a person wrote.
_DEEPEST: Final = 100
_OPENING: Final = frozenset((TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE))
_CLOSING: Final = frozenset((TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE))
_AFTER_STATEMENT: Final = frozenset(
    (
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.STAR,
        TokenType.STRING,
        TokenType.NUMBER,
        TokenType.TABLE,
        TokenType.VIEW,
        TokenType.INTO,
        TokenType.FROM,
        TokenType.DISTINCT,
        TokenType.SELECT,
        TokenType.L_PAREN,
    )
)
_REMOVE_ALIAS: Final = "remove it: `name` names the feature, and `source` says what it reads"


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnostic in the making; `start` and `end` are offsets into the SQL text, the end exclusive."""

    code: Code
    message: str
    start: int
    end: int
    label: str
    help: str | None = None


class SqlText:
    """A text while it is read. Offsets count characters from 0; ends are exclusive."""

    def __init__(self, sql: str) -> None:
        """Hold a text, not yet read."""
        self.sql = sql
        self.problems: list[Problem] = []
        self.tokens: list[Token] = []
        self.words: set[str] = set()
        self._aggregates: list[tuple[int, int]] = []

    def add(self, code: Code, message: str, start: int, end: int, label: str, help: str | None = None) -> None:
        """Note a problem; of a text with very many, the first."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code, message, start, end, label, help))

    def parse(self) -> exp.Expr | None:
        """The tree of the one expression that the text is, or None with the problems that forbid it."""
        if self._has_marker() or not self._tokenise() or self._is_statement():
            return None
        self._check_calls()
        if self.problems:
            return None
        return self._parse(lambda: _PARSER.parse_into(exp.Condition, self.tokens, self.sql)[0])

    def parse_query(self) -> exp.Expr | None:
        """The tree of the one statement that the text is, its functions not yet looked at."""
        if self._has_marker() or not self._tokenise():
            return None
        return self._parse(lambda: _PARSER.parse(self.tokens, self.sql)[0])

    def _parse(self, parse: Callable[[], exp.Expr | None]) -> exp.Expr | None:
        try:
            return parse()
        except ParseError as error:
            self._add_parse_error(error)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # The parser's own slips over half an operator, such as `-> x`.
            self.add(codes.SQL_SYNTAX, "the SQL cannot be parsed", 0, len(self.sql), "not SQL of DuckDB's dialect")
        return None

    def _has_marker(self) -> bool:
        found = find_marker(self.sql)
        if found is None:
            return False
        marker, at = found
        self.add(
            codes.TEMPLATE_MARKER,
            f"template marker `{marker}` in SQL",
            at,
            at + len(marker),
            "not part of SQL",
            "SQL is data here and is never rendered; write the value itself",
        )
        return True

    def add_clock(self, word: str, start: int, end: int) -> None:
        """Note that a function reads the clock."""
        self.add(
            codes.CLOCK_FUNCTION,
            f"`{word}` reads the clock",
            start,
            end,
            "differs from run to run",
            "write `AS_OF()`, the instant that the value is asked for",
        )

    def add_clock_text(self, node: exp.Expr) -> None:
        """Note a text that is cast to a time and means the clock: `TIMESTAMP 'now'`."""
        if isinstance(node, exp.Cast | exp.TryCast) and isinstance(node.this, exp.Literal):
            word = f"'{node.this.name}'"
            is_clock = node.this.is_string and node.this.name.strip().casefold() in CLOCK_TEXTS
            if is_clock and node.to.is_type(*exp.DataType.TEMPORAL_TYPES):
                start = self.sql.find(word)
                self.add_clock(word, start, start + len(word))

    def add_unknown_function(self, word: str, start: int, end: int) -> None:
        """Note that a function is not among those that specs may use, and why."""
        if word in CLOCK_FUNCTIONS:
            self.add_clock(word, start, end)
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
            self.add_unsupported_aggregate(word, start, end)
        else:
            self.add(
                codes.UNKNOWN_FUNCTION,
                f"unknown function `{word}`",
                start,
                end,
                "not among the functions that specs may use",
                did_you_mean(word, (*FUNCTIONS, *BY_SPELLING)),
            )

    def add_unsupported_aggregate(self, word: str, start: int, end: int) -> None:
        """Note that an aggregate has no entry in `fpc.aggregations`."""
        self.add(
            codes.UNSUPPORTED_AGGREGATE,
            f"aggregate `{word}` is not supported",
            start,
            end,
            "not one of the platform's aggregates",
            OTHER_AGGREGATES.get(word) or f"aggregates: {', '.join(sorted(BY_SPELLING))}",
        )

    # -- where nodes stand -------------------------------------------------------------------------------------

    def aggregate_extent(self, node: exp.Expr) -> tuple[int, int]:
        """The stretch of an aggregate call from its word to the last parenthesis, FILTER included."""
        start = _mark(node)
        if start is None or not self._aggregates:
            return self.extent(node)
        index = bisect_right(self._aggregates, (start, len(self.sql))) - 1
        return self._aggregates[max(index, 0)]

    def extent(self, node: exp.Expr) -> tuple[int, int]:
        """The stretch that a node covers: sqlglot marks words and literals, the rest is worked out."""
        marks = [inner.meta for inner in node.walk() if "start" in inner.meta]
        if not marks:
            return self._guess(node)
        start, end = min(mark["start"] for mark in marks), max(mark["end"] for mark in marks)
        first = next((i for i, token in enumerate(self.tokens) if token.end >= start), 0)
        last = next((i for i, token in enumerate(self.tokens) if token.end >= end), len(self.tokens) - 1)
        if isinstance(node, exp.Query | exp.Exists):
            first = self._query_head(first)
        elif isinstance(node, exp.Func | exp.Cast | exp.Paren):
            first = self._head(first)
            last = max(last, min(first + 1, len(self.tokens) - 1) if self._opens(first + 1) else last)
        return self.tokens[first].start, self._past_parentheses(first, last)

    def _opens(self, index: int) -> bool:
        return index < len(self.tokens) and self.tokens[index].token_type is TokenType.L_PAREN

    def _head(self, first: int) -> int:
        """The word of the call whose first argument begins at a token, when that token is not the word itself."""
        if self._opens(first + 1):
            return first
        for index in range(first - 1, -1, -1):
            if self._opens(index):
                return index - 1 if index > 0 and _is_word(self.tokens[index - 1]) else index
        return first

    def _query_head(self, first: int) -> int:
        """The parenthesis before the SELECT before a token, or the EXISTS before that."""
        while first > 0 and self.tokens[first].text.upper() not in STATEMENTS:
            first -= 1
        while first > 0 and (self._opens(first - 1) or self.tokens[first - 1].text.upper() == "EXISTS"):
            first -= 1
        return first

    def _past_parentheses(self, first: int, last: int) -> int:
        """The end of the stretch from one token to another, and on until what it opened is closed."""
        depth = 0
        position = first
        while position < len(self.tokens) and (position <= last or depth > 0):
            kind = self.tokens[position].token_type
            depth += (kind in _OPENING) - (kind in _CLOSING)
            position += 1
        return self.tokens[position - 1].end + 1

    def _guess(self, node: exp.Expr) -> tuple[int, int]:
        """A node without any mark in it (`CURRENT_DATE`, `*`): the token that it must come from."""
        words: set[str] = {"*"} if isinstance(node, exp.Star) else set()
        if isinstance(node, exp.Func):
            words = {name.upper() for name in node.sql_names()}
        for index, token in enumerate(self.tokens):
            if isinstance(node, exp.Parameter | exp.Placeholder) and token.text in ("$", "?", ":", "@"):
                after = self.tokens[index + 1] if token.text != "?" else token
                return token.start, after.end + 1
            if token.text.upper() in words:
                return token.start, token.end + 1
        return 0, len(self.sql.rstrip()) or len(self.sql)

    # -- tokens and calls --------------------------------------------------------------------------------------

    def _tokenise(self) -> bool:
        try:
            self.tokens = _TOKENIZER.tokenize(self.sql)
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
            return False
        if not self.tokens:
            self.add(codes.SQL_SYNTAX, "there is no SQL here", 0, len(self.sql), "empty")
        depth = 0
        for token in self.tokens:
            depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
            if depth > _DEEPEST:
                raise RecursionError
            if token.token_type is TokenType.SEMICOLON:
                self.add(
                    codes.SEVERAL_STATEMENTS,
                    "SQL in a spec is one expression or query",
                    token.start,
                    token.end + 1,
                    "ends a statement",
                    "remove the semicolon and what follows it",
                )
                break
        return not self.problems

    def _is_statement(self) -> bool:
        first = self.tokens[0]
        word = first.text.upper()
        if word not in STATEMENTS or not (len(self.tokens) == 1 or self.tokens[1].token_type in _AFTER_STATEMENT):
            return False
        self.add(
            codes.NOT_AN_EXPRESSION,
            f"`{word}` begins a statement, not an expression",
            first.start,
            first.end + 1,
            "a statement",
            "write only the expression: `SUM(amount)`, without SELECT and FROM",
        )
        return True

    def _add_parse_error(self, error: ParseError) -> None:
        details = error.errors[0] if error.errors else {}
        place = (details.get("line"), details.get("col"))
        index = next((i for i, t in enumerate(self.tokens) if (t.line, t.col) == place), len(self.tokens) - 1)
        token = self.tokens[index]
        start, end, word = token.start, token.end + 1, token.text.upper()
        if word in ("AS", "FROM"):
            message = f"`{word}` is not part of an expression"
            self.add(codes.NOT_AN_EXPRESSION, message, start, end, "the expression ends before this", _REMOVE_ALIAS)
            return
        if token.token_type is TokenType.COMMA and self._depth_before(index) == 0:
            message = "a feature's SQL is one expression"
            self.add(codes.SEVERAL_STATEMENTS, message, start, end, "begins a second", "write a feature for each")
            return
        description = str(details.get("description") or "")
        label = "unexpected here"
        if description.startswith("Expecting"):
            label = description[0].lower() + description[1:]
        elif index == len(self.tokens) - 1 and "missing" in description:
            label = "something is missing after this"
        self.add(
            codes.SQL_SYNTAX,
            "the SQL cannot be parsed",
            start,
            end,
            label,
            "SQL is read in DuckDB's dialect",
        )

    def _depth_before(self, index: int) -> int:
        kinds = [token.token_type for token in self.tokens[:index]]
        return sum(kind in _OPENING for kind in kinds) - sum(kind in _CLOSING for kind in kinds)

    def _check_calls(self) -> None:
        """Every word before a parenthesis is a known function with as many arguments as it takes."""
        tokens = self.tokens
        for index in range(len(tokens) - 1):
            if tokens[index + 1].token_type is not TokenType.L_PAREN or not _is_word(tokens[index]):
                continue
            word = tokens[index].text.upper()
            self.words.add(word)
            if word in BY_SPELLING:
                self._check_aggregate(index, word)
            elif word not in SYNTAX_WORDS and not self._is_type(index, word):
                self._check_call(index, word)

    def _check_aggregate(self, index: int, word: str) -> None:
        """Note where an aggregate stands, and that it has as many arguments as it takes."""
        start, (end, is_ordered) = self.tokens[index].start, self._past_call(index)
        self._aggregates.append((start, end))
        aggregation, given = BY_SPELLING[word], self._count_arguments(index + 1)
        takes = [count + aggregation.parameters - is_ordered for count in aggregation.arguments]
        if given not in takes:
            wanted = " or ".join(map(str, takes))
            message = f"`{word}` takes {wanted} argument{'' if wanted == '1' else 's'}"
            self.add(codes.AGGREGATE_ARGUMENT, message, start, end, f"has {given}")

    def _is_type(self, index: int, word: str) -> bool:
        return word in TYPE_WORDS and self.tokens[index - 1].token_type in (TokenType.ALIAS, TokenType.DCOLON)

    def _check_call(self, index: int, word: str) -> None:
        token = self.tokens[index]
        start, end = token.start, token.end + 1
        if index and self.tokens[index - 1].token_type is TokenType.DOT:
            message = f"`{token.text}` is called with a dot"
            self.add(codes.UNKNOWN_FUNCTION, message, start, end, "functions stand alone", f"write `{word}(...)`")
            return
        arity = FUNCTIONS.get(word)
        if arity is None:
            self.add_unknown_function(word, start, end)
            return
        given = self._count_arguments(index + 1)
        least, most = arity
        if not least <= given <= most:
            takes = str(least) if least == most else f"{least} to {most}"
            help = "with one argument it would read the clock" if word == "AGE" else None
            message = f"`{word}` takes {takes} argument{'' if takes == '1' else 's'}"
            self.add(codes.TYPE_ERROR, message, start, end, f"has {given}", help)
        elif word in UNIT_FUNCTIONS:
            self._check_unit(index + 2, word)

    def _check_unit(self, index: int, word: str) -> None:
        """The unit is a constant: a column there would be taken for the name of one."""
        token = self.tokens[index]
        if token.token_type is TokenType.STRING and token.text.lower() in UNITS:
            return
        help = did_you_mean(token.text, UNITS) or "units: year, quarter, month, week, day, hour, minute, second, ..."
        message = f"`{word}` does not know the unit `{token.text[:60]}`"
        self.add(codes.TYPE_ERROR, message, token.start, token.end + 1, "not a unit of time in quotes", help)

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

    def _past_call(self, index: int) -> tuple[int, bool]:
        """The end of a call with the FILTER or WITHIN GROUP that follows it, and whether the latter does."""
        end, is_ordered = self._closing(index + 1), False
        while end + 1 < len(self.tokens):
            word = self.tokens[end + 1].text.upper()
            if word not in ("FILTER", "WITHIN"):
                break
            is_ordered |= word == "WITHIN"
            end = self._closing(end + (3 if word == "WITHIN" else 2))
        return self.tokens[end].end + 1, is_ordered

    def _closing(self, opening: int) -> int:
        """The index of the token that closes the parenthesis at `opening`."""
        depth = 0
        for position in range(opening, len(self.tokens)):
            kind = self.tokens[position].token_type
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if depth <= 0:
                return position
        return len(self.tokens) - 1


def _is_word(token: Token) -> bool:
    first = token.text[:1]
    return token.token_type is not TokenType.STRING and (first.isalpha() or first == "_")


def _mark(node: exp.Expr) -> int | None:
    """Where the node begins, or anything in it that sqlglot marked."""
    for inner in node.walk():
        start = inner.meta.get("start")
        if start is not None:
            return int(start)
    return None
