"""Diagnostics for programs: one JSON document, whose shape is described in docs/diagnostics.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.printable_json import printable_json

#: Raised when a key is removed or changes its meaning; new keys may come at any time.
VERSION: Final = 1


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """One document: `version`, `errors`, `warnings` and the `diagnostics`, sorted by place.

    Lines and columns count from 1 in characters; the end column is exclusive. `place` is null for a problem of no
    one place, and `help` where there is nothing to advise.
    """
    ordered = sorted(diagnostics, key=lambda found: found.sort_key)
    errors = sum(found.severity is Severity.ERROR for found in ordered)
    return printable_json(
        {
            "version": VERSION,
            "errors": errors,
            "warnings": len(ordered) - errors,
            "diagnostics": [_entry(found) for found in ordered],
        }
    )


def _entry(found: Diagnostic) -> dict[str, object]:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "place": _place(found.label),
        "notes": list(found.notes),
        "help": found.help,
    }


def _place(label: Label | None) -> dict[str, object] | None:
    if label is None:
        return None
    span = label.span
    return {
        "path": span.path,
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
        "label": label.text,
    }
