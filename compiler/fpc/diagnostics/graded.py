"""How bad a finding is in one repository.

A warning may be made an error or be left out. An error stays one, since what it is about cannot be compiled, unless its
code says that it can (`Code.lowerable`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic, Severity

_OFF: Final = "off"
_LOWERABLE: Final = frozenset(code.code for code in codes.ALL if code.lowerable)


def graded(found: Iterable[Diagnostic], wanted: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The findings as bad as `wanted` says of their codes (`error`, `warning`, `off`), without those that are off."""
    for one in found:
        word = wanted.get(one.code)
        if word is None or (one.severity is Severity.ERROR and one.code not in _LOWERABLE):
            yield one
        elif word != _OFF:
            yield replace(one, severity=Severity(word))
