"""Collecting what a stage finds, so that all of it is reported at once."""

from __future__ import annotations

from fpc.diagnostics.codes import Code
from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.span import Span


class Findings:
    """Diagnostics in the making: appended to by the passes of a stage, sorted and freed of doubles at the end."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        """Begin with nothing found."""
        self._found: list[Diagnostic] = []

    def error(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        text: str = "",
        *,
        notes: tuple[str, ...] = (),
        help: str | None = None,
    ) -> None:
        """Add an error at `span`, labelled `text`."""
        self._add(code, Severity.ERROR, message, span, text, notes, help)

    def warning(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        text: str = "",
        *,
        notes: tuple[str, ...] = (),
        help: str | None = None,
    ) -> None:
        """Add a warning at `span`, labelled `text`."""
        self._add(code, Severity.WARNING, message, span, text, notes, help)

    def _add(
        self,
        code: Code,
        severity: Severity,
        message: str,
        span: Span | None,
        text: str,
        notes: tuple[str, ...],
        help: str | None,
    ) -> None:
        label = None if span is None else Label(span, text)
        if help is None and severity is Severity.ERROR:
            help = f"`fpc explain {code.code}` shows what to write instead"
        self._found.append(Diagnostic(code.code, severity, message, label, notes, help))

    @property
    def count(self) -> int:
        """How many were added so far; a pass compares two counts to learn whether it found anything."""
        return len(self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them by place, each once."""
        return tuple(sorted(dict.fromkeys(self._found), key=lambda found: found.sort_key))
