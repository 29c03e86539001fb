"""Lays a spec's SQL out: words of SQL in capitals, one space between, broken where it is too wide.

A text with comments keeps its lines, since a comment speaks of the line that it stands on; any other is laid out by
its structure alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from fpc.format.sql_pieces import Kind, Piece, pieces

_INDENT: Final = "  "
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
#: Words after which a parenthesis does not belong to a call.
_APART: Final = frozenset(
    (
        "ALL", "AND", "AS", "BETWEEN", "BY", "CASE", "DISTINCT", "ELSE", "ESCAPE", "EXCEPT", "FILTER", "FROM",
        "GROUP", "HAVING", "ILIKE", "IN", "INTERSECT", "IS", "JOIN", "LIKE", "LIMIT", "NOT", "ON", "OR", "OVER",
        "SELECT", "THEN", "TO", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WITH", "INTERVAL",
    )
)  # fmt: skip
_SIGNS: Final = frozenset(("-", "+", "~"))
_CLAUSES: Final = frozenset(
    ("SELECT", "FROM", "WHERE", "GROUP", "HAVING", "QUALIFY", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT",
     "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS")
)  # fmt: skip
_JOINS: Final = frozenset(("LEFT", "RIGHT", "FULL", "INNER", "CROSS", "OUTER"))
_OPERATORS: Final = (
    frozenset(("OR",)),
    frozenset(("AND",)),
    frozenset(("=", "<>", "!=", "<", "<=", ">", ">=")),
    frozenset(("+", "-", "||")),
    frozenset(("*", "/", "//", "%")),
)


def lay_out(sql: str, width: int) -> tuple[str, ...]:
    """The lines of a text, each at most `width` characters where that can be; raises `UnreadableSqlError`.

    >>> lay_out("sum( amount )filter ( where status='x' )", 80)
    ("SUM(amount) FILTER (WHERE status = 'x')",)
    """
    found = pieces(sql)
    if any(piece.is_comment for piece in found):
        return tuple(_as_written(found))
    return tuple(_broken(found, "", width))


def _flat(found: Sequence[Piece], before: Piece | None = None) -> str:
    """The pieces on one line; `before` is what stands on the line above."""
    text = ""
    prefix = after_comment = False
    for piece in found:
        if text and (after_comment or piece.is_comment or (before and not prefix and _spaced(before, piece))):
            text += " "
        text += piece.text
        after_comment = piece.is_comment
        if not piece.is_comment:
            prefix = piece.text in _SIGNS and _is_prefix(before)
            before = piece
    return text


def _is_prefix(before: Piece | None) -> bool:
    """Whether a sign after `before` belongs to one operand: nothing, an operator or a word of SQL goes before it."""
    if before is None:
        return True
    if before.kind is Kind.WORD:
        return before.text not in ("END", "NULL", "TRUE", "FALSE")
    return before.kind is Kind.SIGN and _is_operator(before)


def _is_operator(piece: Piece) -> bool:
    text = piece.text
    return text not in _CLOSING and text not in (".",) and not text[0].isalnum() and text[0] not in "'\"$@?"


def _spaced(before: Piece, piece: Piece) -> bool:
    """Whether a space goes between two neighbours."""
    a, b = before.text, piece.text
    if a in _OPENING or b in _CLOSING or b in (",", ";") or "." in (a, b) or "::" in (a, b):
        return False
    if b == "(":
        return before.word in _APART or (before.kind is Kind.SIGN and a not in _CLOSING)
    if b == "[":
        return before.kind is not Kind.NAME and a not in (")", "]") and not a.startswith(("'", '"'))
    if ":" in (a, b) or a[0] in "$@?" or b in ("@", "?", "$"):
        return piece.gap
    return True


def _as_written(found: Sequence[Piece]) -> list[str]:
    """Line by line as it was, indented by the depth of what is open."""
    lines: list[list[Piece]] = []
    last = -1
    for piece in found:
        if piece.line != last:
            lines.append([])
        lines[-1].append(piece)
        last = piece.line + piece.text.count("\n")
    written = []
    depth = 0
    before: Piece | None = None
    for line in lines:
        closers = 0
        for piece in line:
            if piece.text not in _CLOSING and piece.word != "END":
                break
            closers += 1
        written.append(_INDENT * max(0, depth - closers) + _flat(line, before))
        before = next((piece for piece in reversed(line) if not piece.is_comment), before)
        for piece in line:
            depth += (piece.text in _OPENING or piece.word == "CASE") - (piece.text in _CLOSING or piece.word == "END")
        depth = max(0, depth)
    return written


def _broken(found: Sequence[Piece], indent: str, width: int) -> list[str]:
    flat = indent + _flat(found)
    if len(flat) <= width or len(found) < 2:
        return [flat]
    if found[0].word in ("SELECT", "WITH"):
        return _query(found, indent, width)
    for operators in _OPERATORS:
        parts = _split(found, operators)
        if len(parts) > 1:
            return [line for part in parts for line in _part(part, operators, indent, width)]
    if found[0].word == "CASE":
        return _case(found, indent, width)
    return _call(found, indent, width)


def _part(part: Sequence[Piece], operators: frozenset[str], indent: str, width: int) -> list[str]:
    """An operand with the operator before it; what is broken behind an operator keeps clear of it."""
    if part[0].text not in operators or len(part) == 1:
        return _broken(part, indent, width)
    operator = part[0].text
    first, *rest = _broken(part[1:], indent, width - len(operator) - 1)
    return [f"{indent}{operator} {first.lstrip()}", *rest]


def _split(found: Sequence[Piece], operators: frozenset[str]) -> list[Sequence[Piece]]:
    """The operands of the operators that stand in no parenthesis and no CASE, each led by its operator."""
    parts: list[Sequence[Piece]] = []
    start = depth = betweens = 0
    for index, piece in enumerate(found):
        if depth == 0 and piece.word == "BETWEEN":
            betweens += 1
        elif depth == 0 and piece.word == "AND" and betweens:
            betweens -= 1
        elif depth == 0 and index > start and piece.text in operators and _joins(piece, found[index - 1]):
            parts.append(found[start:index])
            start = index
        depth += (piece.text in _OPENING or piece.word == "CASE") - (piece.text in _CLOSING or piece.word == "END")
    return [*parts, found[start:]]


def _joins(piece: Piece, before: Piece) -> bool:
    """Whether an operator's sign stands between two operands."""
    return piece.kind is not Kind.NAME and (piece.text not in _SIGNS or not _is_prefix(before))


def _case(found: Sequence[Piece], indent: str, width: int) -> list[str]:
    """CASE, each WHEN and the ELSE on lines of their own, END with what follows it."""
    depth, starts, end = 0, [0], len(found)
    for index, piece in enumerate(found):
        if depth == 1 and piece.word in ("WHEN", "ELSE"):
            starts.append(index)
        depth += (piece.text in _OPENING or piece.word == "CASE") - (piece.text in _CLOSING or piece.word == "END")
        if depth == 0:
            end = index
            break
    bounds = [*starts, end]
    head, *arms = [found[a:b] for a, b in pairwise(bounds)]
    lines = [indent + _flat(head)]
    for arm in arms:
        lines.append(f"{indent}{_INDENT}{_flat(arm)}")
    return [*lines, indent + _flat(found[end:])]


def _call(found: Sequence[Piece], indent: str, width: int) -> list[str]:
    """The widest group in parentheses on lines of its own, its arguments one by one."""
    groups = _groups(found)
    if not groups:
        return [indent + _flat(found)]
    opening, closing = max(groups, key=lambda group: len(_flat(found[group[0] : group[1]])))
    if closing - opening < 2:
        return [indent + _flat(found)]
    inside = found[opening + 1 : closing]
    head = []
    lead = inside[:1] if inside[0].word in ("WHERE", "DISTINCT") else []
    arguments = _arguments(inside[len(lead) :])
    for number, argument in enumerate(arguments):
        comma = "," if number < len(arguments) - 1 else ""
        lines = _broken(argument, indent + _INDENT, width - len(comma))
        if number == 0 and lead:
            first, *rest = _broken(argument, indent + _INDENT, width - len(lead[0].text) - 1)
            lines = [f"{indent}{_INDENT}{lead[0].text} {first.lstrip()}", *rest]
        head += [*lines[:-1], lines[-1] + comma]
    tail = indent + _flat(found[closing:])
    return [indent + _flat(found[: opening + 1]), *head, tail]


def _groups(found: Sequence[Piece]) -> list[tuple[int, int]]:
    groups, stack = [], []
    for index, piece in enumerate(found):
        if piece.text in _OPENING:
            stack.append(index)
        elif piece.text in _CLOSING and stack:
            opening = stack.pop()
            if not stack:
                groups.append((opening, index))
    return groups


def _arguments(inside: Sequence[Piece]) -> list[Sequence[Piece]]:
    parts, start, depth = [], 0, 0
    for index, piece in enumerate(inside):
        if depth == 0 and piece.text == ",":
            parts.append(inside[start:index])
            start = index + 1
        depth += (piece.text in _OPENING) - (piece.text in _CLOSING)
    return [part for part in (*parts, inside[start:]) if part]


def _query(found: Sequence[Piece], indent: str, width: int) -> list[str]:
    """A query, each clause on a line of its own."""
    lines: list[str] = []
    start = depth = 0
    for index in range(1, len(found) + 1):
        if index < len(found):
            piece, before = found[index], found[index - 1]
            depth += (before.text in _OPENING) - (before.text in _CLOSING)
            if depth or piece.word not in _CLAUSES or before.word in _JOINS:
                continue
        lines += _clause(found[start:index], indent, width)
        start = index
    return lines


def _clause(clause: Sequence[Piece], indent: str, width: int) -> list[str]:
    flat = indent + _flat(clause)
    if len(flat) <= width:
        return [flat]
    if clause[0].word == "SELECT":
        arguments = _arguments(clause[1:])
        lines = [f"{indent}SELECT"]
        for number, argument in enumerate(arguments):
            comma = "," if number < len(arguments) - 1 else ""
            broken = _broken(argument, indent + _INDENT, width - len(comma))
            lines += [*broken[:-1], broken[-1] + comma]
        return lines
    first, *rest = _broken(clause[1:], indent + _INDENT, width - len(clause[0].text) - 1)
    return [f"{indent}{clause[0].text} {first.lstrip()}", *rest]
