"""Breaks one line of SQL into several where it is too long, at brackets, commas, clauses and operators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

INDENT: Final = "    "
WIDTH: Final = 80
#: Stands for the instant until a dbt model prints it as `{{ as_of }}`, which is two characters longer.
INSTANT: Final = "__as_of__"

_TOKEN: Final = re.compile(
    r"""\s* (?P<space>)(?P<token>
        [eE]?'(?:[^']|'')*' | "(?:[^"]|"")*" | [\w$.]+ | [(\[{] | [)\]}] | , | [^\s\w'"(\[{)\]},]+
    )""",
    re.VERBOSE,
)
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
# Where a line may break before an operator: the loosest that there is goes first.
_OPERATORS: Final = (
    frozenset({"and", "or"}),
    frozenset({"=", "<>", "<", "<=", ">", ">=", "like", "ilike"}),
    frozenset({"+", "-", "||"}),
    frozenset({"*", "/", "//", "%"}),
)
_CLAUSES: Final = frozenset({"partition", "order", "where", "rows", "range"})


@dataclass(frozen=True, slots=True)
class Word:
    """A token, and whether a space stands before it."""

    text: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracketed stretch, `text` on one line; a `case ... end` is one too."""

    opening: str
    content: tuple[Piece, ...]
    closing: str
    spaced: bool
    text: str


Piece = Word | Bracket


def wrap(text: str, indent: str, tail: str = "") -> list[str]:
    """The line, indented, as one line or as many as it needs; `tail` (a comma) counts as part of it."""
    if width(indent + text + tail) <= WIDTH and "\n" not in text:
        return [f"{indent}{text}{tail}"]
    return list(_wrapped(text + tail, indent))


@lru_cache(maxsize=4096)
def _wrapped(text: str, indent: str) -> tuple[str, ...]:
    # Kept because the two forms of a carried view, and views of one source, hold many lines in common.
    return tuple(_broken(_parse(text), indent))


def width(line: str) -> int:
    """How long the line will be."""
    return len(line) + 2 * line.count(INSTANT)


def _broken(pieces: Sequence[Piece], indent: str) -> list[str]:
    line = _line(pieces)
    if width(indent + line) <= WIDTH:
        return [indent + line]
    for operators in _OPERATORS:
        parts = list(_split_before(pieces, operators))
        if len(parts) > 1:
            return [found for part in parts for found in _broken(part, indent)]
    brackets = [place for place, piece in enumerate(pieces) if isinstance(piece, Bracket) and piece.content]
    if not brackets:
        return [indent + line]
    widest = max(brackets, key=lambda place: len(pieces[place].text))
    return _opened(pieces, widest, indent)


def _opened(pieces: Sequence[Piece], place: int, indent: str) -> list[str]:
    bracket = pieces[place]
    assert isinstance(bracket, Bracket)
    before = [*pieces[:place], Word(bracket.opening.rstrip(), bracket.spaced)]
    after = [Word(bracket.closing.lstrip(), False), *pieces[place + 1 :]]
    lines = [indent + _line(before)]
    for clause in _split_before(bracket.content, _CLAUSES if bracket.opening == "(" else frozenset({"when", "else"})):
        lines += _clause(clause, indent + INDENT)
    tail = _broken(after, indent)
    return [*lines, *tail]


def _clause(pieces: Sequence[Piece], indent: str) -> list[str]:
    """A bracket's content, or one clause of it: on a line where it fits, else its parts a level deeper."""
    head = _heading(pieces)
    line = _line(pieces)
    if pieces and pieces[0].text == "where":
        # sqlfluff wants the conditions of a FILTER no deeper than its WHERE, so the first one stays beside it.
        return _broken(pieces, indent)
    if head and width(indent + line) > WIDTH:
        return [indent + _line(pieces[:head]), *_items(pieces[head:], indent + INDENT)]
    return [indent + line] if head else _items(pieces, indent)


def _items(pieces: Sequence[Piece], indent: str) -> list[str]:
    parts = list(_split_after_commas(pieces))
    return [line for part in parts for line in _broken(part, indent)]


def _heading(pieces: Sequence[Piece]) -> int:
    """How many words name the clause that begins here: 2 of `order by`, 0 of none."""
    return 2 if pieces and pieces[0].text in ("partition", "order") else 0


def _split_before(pieces: Sequence[Piece], words: frozenset[str]) -> Iterator[Sequence[Piece]]:
    start = 0
    between = False
    for place, piece in enumerate(pieces):
        if place and piece.text in words and not (between and piece.text == "and") and _is_binary(pieces[place - 1]):
            yield pieces[start:place]
            start = place
        between = piece.text == "between" or (between and piece.text != "and")
    yield pieces[start:]


def _is_binary(before: Piece) -> bool:
    """Whether an operator behind this piece has a left side, and is no sign."""
    return isinstance(before, Bracket) or before.text[-1] not in "=<>+-*/%|,"


def _split_after_commas(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    start = 0
    for place, piece in enumerate(pieces, start=1):
        if piece.text == "," and isinstance(piece, Word):
            yield pieces[start:place]
            start = place
    yield pieces[start:]


def _line(pieces: Sequence[Piece]) -> str:
    return "".join([f" {piece.text}" if piece.spaced else piece.text for piece in pieces]).lstrip(" ")


def _parse(text: str) -> tuple[Piece, ...]:
    stack: list[tuple[Word, list[Piece]]] = [(Word("", False), [])]
    for match in _TOKEN.finditer(text):
        token = Word(match["token"], match.start("token") > match.start())
        if token.text in _CLOSING or token.text == "case":
            stack.append((token, []))
        elif len(stack) > 1 and token.text == _CLOSING.get(stack[-1][0].text, "end"):
            opening, content = stack.pop()
            case = opening.text == "case"
            names = ("case ", " end") if case else (opening.text, token.text)
            text = f"{names[0]}{_line(content)}{names[1]}"
            stack[-1][1].append(Bracket(names[0], tuple(content), names[1], opening.spaced, text))
        else:
            stack[-1][1].append(token)
    return tuple(stack[0][1])
