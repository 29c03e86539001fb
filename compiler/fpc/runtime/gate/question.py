"""What is asked of the process that runs Great Expectations, and what it answers: a line of JSON each.

Nothing of a spec is in a question but checked names and numbers: Great Expectations renders what it is given as HTML
without escaping it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Final

_INERT: Final = re.compile(r"[A-Za-z0-9_:+. ,-]*")


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation: the number that was measured, and the closed bounds between which it is to lie."""

    label: str
    value: float
    low: float | None
    high: float | None
    stops: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One view's suite. `as_of` is the instant as text, `page` the path of the page to write."""

    view: str
    as_of: str
    page: str
    expected: tuple[Expected, ...]

    def line(self) -> str:
        """As one line of JSON; raises `ValueError` for text that is not inert."""
        for text in (self.view, self.as_of, *(one.label for one in self.expected)):
            if not _INERT.fullmatch(text):
                raise ValueError(f"not to be rendered: {text!r}")
        return json.dumps(asdict(self), allow_nan=False)

    @staticmethod
    def read(line: str) -> Question:
        """Back from `line`."""
        found = json.loads(line)
        return Question(found["view"], found["as_of"], found["page"], tuple(Expected(**e) for e in found["expected"]))
