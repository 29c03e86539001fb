"""How bad a finding is in one repository.

A warning may be made an error or be left out. An error stays one: what it is about cannot be compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from fpc.diagnostics.diagnostic import Diagnostic, Severity

_OFF = "off"


def graded(found: Iterable[Diagnostic], wanted: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The findings as bad as `wanted` says of their codes (`error`, `warning`, `off`), without those that are off."""
    for one in found:
        word = wanted.get(one.code)
        if word is None or one.severity is Severity.ERROR:
            yield one
        elif word != _OFF:
            yield replace(one, severity=Severity(word))
