"""Views that differ in constants alone: stand-ins take the constants' places while SQL is made, and leave its text.

Only texts that a column is compared with (`status = 'paid'`, `status in ('paid', 'late')`), and only plain words: what
is made of the SQL depends on how long they are and on which are the same, and on nothing else of them. So the stand-ins
have the same lengths, and are in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sqlglot import exp

from fpc.sql.trees import rebuild

_PLAIN: Final = re.compile(r"[A-Za-z0-9_]{5,}")
# Two places for the number of a stand-in: a view with more constants keeps its own.
_MOST: Final = 100
_NAME: Final = r"zq[0-9]{2}z+"
_STAND_IN: Final = re.compile(_NAME)
_QUOTED_STAND_IN: Final = re.compile(f"'({_NAME})'")


def constants(tree: exp.Expr) -> list[exp.Literal]:
    """The texts that a stand-in can take the place of, and any that looks like a stand-in itself."""
    compared = [literal for literal in _compared(tree) if _PLAIN.fullmatch(literal.this)]
    texts = (literal for literal in tree.find_all(exp.Literal) if literal.is_string)
    return [*compared, *(literal for literal in texts if _STAND_IN.fullmatch(literal.this))]


def stand_ins(words: Collection[str]) -> Mapping[str, str]:
    """A stand-in for each of a view's constants; none where there are too many, or one looks like a stand-in."""
    distinct = sorted(set(words))
    if len(distinct) > _MOST or any(map(_STAND_IN.fullmatch, distinct)):
        return {}
    return {word: f"zq{number:02}".ljust(len(word), "z") for number, word in enumerate(distinct)}


def put_aside(tree: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    """The tree with stand-ins; itself where none is due."""
    wanted = {id(literal): names[literal.this] for literal in constants(tree) if literal.this in names}
    if not wanted:
        return tree
    return rebuild(tree, lambda node: exp.Literal.string(wanted[id(node)]) if id(node) in wanted else None)


def put_back(text: str, names: Mapping[str, str]) -> str:
    """The text with the constants themselves."""
    if not names:
        return text
    words = {name: word for word, name in names.items()}
    return _QUOTED_STAND_IN.sub(lambda found: f"'{words[found[1]]}'", text)


def _compared(tree: exp.Expr) -> Iterator[exp.Literal]:
    """The texts that a column is compared with."""
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        if not isinstance(node.this, exp.Column):
            continue
        for other in node.expressions if isinstance(node, exp.In) else (node.expression,):
            if isinstance(other, exp.Literal) and other.is_string:
                yield other
