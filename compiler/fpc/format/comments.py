"""The comments of a YAML text, and whatever else stands between its scalars."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

#: All that may stand between scalars, comments aside. A directive (`%YAML`) may not.
_PUNCTUATION: Final = re.compile(r"(?:^(?:---|\.\.\.)(?=\s|$)|[-?:,\[\]{}]|\s)*", re.MULTILINE)
_COMMENT: Final = re.compile(r"(?:^|(?<=[\s]))#[^\n]*", re.MULTILINE)


class NotLayableError(ValueError):
    """The text holds something that the layout does not know; `index` is where it stands."""

    def __init__(self, index: int) -> None:
        """Point at the character."""
        super().__init__(f"at character {index}")
        self.index = index


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: where its `#` stands (index; line and column from 0), and whether it has the line to itself."""

    index: int
    line: int
    column: int
    text: str
    alone: bool


def scalars(nodes: Iterable[yaml.Node]) -> Iterator[yaml.ScalarNode]:
    """Every scalar of the trees, keys among them, in the order of the text."""
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.SequenceNode):
            stack += node.value[::-1]
        elif isinstance(node, yaml.MappingNode):
            for key, value in reversed(node.value):
                stack += (value, key)


def extent(text: str, node: yaml.ScalarNode) -> tuple[int, int]:
    """Where the scalar's text begins and ends: a block scalar's without its header and the lines that follow it."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style not in ("|", ">"):
        return start, end
    start = text.find("\n", start, end) + 1 or end
    while start < end and text[end - 1] in " \n":
        end -= 1
    return start, max(start, end)


def line_starts(text: str) -> list[int]:
    """The index at which each line begins."""
    return [0, *(index + 1 for index, character in enumerate(text) if character == "\n")]


def comments(text: str, nodes: Iterable[yaml.Node]) -> list[Comment]:
    """The comments of a text that these trees were read from; raises `NotLayableError`."""
    found: list[Comment] = []
    at, starts = 0, line_starts(text)
    for start, end in [*(extent(text, node) for node in scalars(nodes)), (len(text), len(text))]:
        found += _between(text, at, start, starts)
        at = max(at, end)
    return found


def _between(text: str, start: int, end: int, starts: Sequence[int]) -> Iterator[Comment]:
    """The comments between two scalars; a block scalar's indicator counts as what goes before it."""
    gap = re.sub(r"[|>][-+0-9]*(?=[ \t]*(?:#[^\n]*)?\n?$)", lambda match: " " * len(match[0]), text[start:end])
    # a `#` right behind a scalar begins a comment only if a space is between
    matches = [m for m in _COMMENT.finditer(gap) if m.start() or start == 0 or text[start - 1].isspace()]
    rest = gap
    for match in reversed(matches):
        rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    known = _PUNCTUATION.match(rest)
    assert known is not None
    if known.end() < len(rest):
        raise NotLayableError(start + known.end())
    for match in matches:
        index = start + match.start()
        line = bisect_right(starts, index) - 1
        before = text[starts[line] : index]
        yield Comment(index, line, len(before), match[0].rstrip(), not before.strip())
