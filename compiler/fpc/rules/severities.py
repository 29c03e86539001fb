"""How bad a finding is in one repository: `rules.severity` of fpc.yml.

A warning may be made an error or be left out. An error stays one: what it is about cannot be compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from fpc.diagnostics.diagnostic import Diagnostic, Severity
from fpc.spec.documents import Spec

_OFF = "off"


def severities(spec: Spec) -> dict[str, str]:
    """What the repository says of codes: `error`, `warning` or `off`."""
    return {} if spec.config is None else {code.value: word.value for code, word in spec.config.rules.severity}


def graded(found: Iterable[Diagnostic], wanted: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The findings as bad as the repository wants them, without those that it does not want."""
    for one in found:
        word = wanted.get(one.code)
        if word is None or one.severity is Severity.ERROR:
            yield one
        elif word != _OFF:
            yield replace(one, severity=Severity(word))
