"""The one order in which findings are told."""

from __future__ import annotations

from collections.abc import Iterable

from fpc.diagnostics.diagnostic import Diagnostic


def ordered(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings once each, by place; what stands at one place with one message by the rest, so nothing is by chance."""
    return tuple(sorted(dict.fromkeys(found), key=_key))


def _key(found: Diagnostic) -> tuple[object, ...]:
    label = () if found.label is None else (found.label.span, found.label.text)
    return (*found.sort_key, found.severity.value, label, found.notes, found.help or "")
