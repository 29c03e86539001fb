"""Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from fpc.diagnostics.diagnostic import Diagnostic, Severity
from fpc.diagnostics.neutral import neutralise


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One command a line, sorted by place. Text cannot end its command, nor begin another."""
    ordered = sorted(diagnostics, key=lambda found: found.sort_key)
    return "".join(_command(found) for found in ordered)


def _command(found: Diagnostic) -> str:
    kind = "error" if found.severity is Severity.ERROR else "warning"
    properties: list[tuple[str, object]] = []
    if found.label is not None:
        span = found.label.span
        properties += [("file", span.path), ("line", span.line), ("endLine", span.end_line)]
        if span.line == span.end_line:
            properties += [("col", span.column), ("endColumn", span.end_column)]
    properties.append(("title", f"fpc {found.code}"))
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties)
    return f"::{kind} {written}::{_data(_message(found))}\n"


def _message(found: Diagnostic) -> str:
    parts = [found.message]
    if found.label is not None and found.label.text:
        parts.append(found.label.text)
    parts += [f"note: {note}" for note in found.notes]
    if found.help is not None:
        parts.append(f"help: {found.help}")
    return "\n".join(neutralise(line) for part in parts for line in part.split("\n"))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(neutralise(text)).replace(":", "%3A").replace(",", "%2C")
