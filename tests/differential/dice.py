"""Choices read from bytes: a whole case is a few draws of Hypothesis, which is quick, varied, and still shrinks.

Drawing each choice from Hypothesis by itself costs ten times as much and repeats itself, since Hypothesis mutates what
it drew before. Bytes shrink to zeros, and so every choice shrinks to the first of its list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """One byte, one throw; a die that has run out of bytes shows the first choice for ever."""

    def __init__(self, throws: bytes) -> None:
        self._throws = iter(throws)

    def choose(self, choices: Sequence[T]) -> T:
        return choices[next(self._throws, 0) % len(choices)]

    def upto(self, most: int) -> int:
        return self.choose(range(most + 1))

    def one_in(self, times: int) -> bool:
        """True once in so many throws; shrinks to False."""
        return self.upto(times - 1) == times - 1

    def several(self, choices: Sequence[T], most: int) -> list[T]:
        """One to `most` different choices."""
        drawn = [self.choose(choices) for _ in range(1 + self.upto(most - 1))]
        return list(dict.fromkeys(drawn))

    def shuffled(self, items: Sequence[T]) -> list[T]:
        left = list(items)
        return [left.pop(self.upto(len(left) - 1)) for _ in items]
