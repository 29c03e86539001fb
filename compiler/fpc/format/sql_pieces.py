"""A SQL text as pieces: its tokens as they are written, and the comments between them, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from fpc.aggregations import BY_SPELLING
from fpc.model.vocabulary import CLOCK_FUNCTIONS, FUNCTIONS

_TOKENIZER: Final = DuckDB().tokenizer()
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Words of SQL that are written in capitals wherever they stand.
KEYWORDS: Final = frozenset(
    (
        "ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "CAST", "CROSS", "DESC", "DISTINCT", "ELSE", "END",
        "ESCAPE", "EXCEPT", "EXISTS", "EXTRACT", "FALSE", "FILTER", "FROM", "FULL", "GROUP", "HAVING", "ILIKE", "IN",
        "INNER", "INTERSECT", "INTERVAL", "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "NULLS", "ON", "OR",
        "ORDER", "OUTER", "OVER", "QUALIFY", "RIGHT", "SELECT", "SIMILAR", "THEN", "TO", "TRUE", "TRY_CAST", "UNION",
        "USING", "VALUES", "WHEN", "WHERE", "WITH", "WITHIN",
    )
)  # fmt: skip
_FUNCTIONS: Final = frozenset((*FUNCTIONS, *BY_SPELLING, *CLOCK_FUNCTIONS))


class UnreadableSqlError(ValueError):
    """The text is not made of whole tokens: a quote or a comment never ends."""


class Kind(Enum):
    """What a piece is to the layout."""

    WORD = auto()
    NAME = auto()
    SIGN = auto()
    LINE_COMMENT = auto()
    COMMENT = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """One token or comment. `text` is as it will be written; `line` counts the text's lines from 0.

    `gap` is whether anything stood between it and the piece before.
    """

    kind: Kind
    text: str
    line: int
    gap: bool

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment of either form."""
        return self.kind in (Kind.LINE_COMMENT, Kind.COMMENT)

    @property
    def word(self) -> str:
        """The keyword that it is, or nothing."""
        return self.text if self.kind is Kind.WORD else ""


def pieces(sql: str) -> list[Piece]:
    """The pieces of a text; raises `UnreadableSqlError`. Their texts, in order, say all that the text says.

    >>> [piece.text for piece in pieces("count( * ) filter(where A='x') -- few")]
    ['COUNT', '(', '*', ')', 'FILTER', '(', 'WHERE', 'A', '=', "'x'", ')', '-- few']
    """
    try:
        tokens = _TOKENIZER.tokenize(sql)
    except TokenError as error:
        raise UnreadableSqlError(str(error)) from None
    found: list[Piece] = []
    at = 0
    for index, token in enumerate(tokens):
        found += _comments(sql, at, token.start)
        following = tokens[index + 1].token_type if index + 1 < len(tokens) else None
        text = sql[token.start : token.end + 1]
        line = sql.count("\n", 0, token.start)
        words = text.split() if _is_words(token, text) else [text]
        for number, word in enumerate(words):
            piece = _piece(word, token, following is TokenType.L_PAREN and number == len(words) - 1)
            found.append(Piece(*piece, line, number > 0 or (token.start > at and at > 0)))
        at = token.end + 1
    return [*found, *_comments(sql, at, len(sql))]


def meaning(sql: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What no layout may change: the tokens, words of SQL in one case, and the comments without their spaces."""
    found = pieces(sql)
    tokens = tuple(piece.text for piece in found if not piece.is_comment)
    comments = tuple(" ".join(piece.text.split()) for piece in found if piece.is_comment)
    return tokens, comments


def _comments(sql: str, start: int, end: int) -> list[Piece]:
    found = []
    for match in _COMMENT.finditer(sql, start, end):
        text = match[0].rstrip()
        kind = Kind.LINE_COMMENT if text.startswith("--") else Kind.COMMENT
        found.append(Piece(kind, text, sql.count("\n", 0, match.start()), gap=True))
    if _COMMENT.sub("", sql[start:end]).strip():
        raise UnreadableSqlError(f"`{sql[start:end].strip()}` cannot be read")
    return found


def _is_words(token: Token, text: str) -> bool:
    """Whether a token is words alone: `GROUP BY` is one token, and so may be words with much space between them."""
    return token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER) and all(
        _WORD.fullmatch(word) for word in text.split()
    )


def _piece(text: str, token: Token, is_call: bool) -> tuple[Kind, str]:
    upper = text.upper()
    if token.token_type is TokenType.IDENTIFIER:
        return Kind.NAME, text
    if _WORD.fullmatch(text) is None:
        return Kind.SIGN, text
    if upper in KEYWORDS and not (upper in ("LEFT", "RIGHT", "TO") and is_call):
        return Kind.WORD, upper
    return Kind.NAME, upper if is_call and upper in _FUNCTIONS else text
