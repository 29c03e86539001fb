"""What fpc found in a user's specs or data: one problem, one place, one way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fpc.diagnostics.span import Span


class Severity(Enum):
    """An error makes a command exit with 1; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A place, and what is wrong (or relevant) there in a few words."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `code` is `FPC` and four digits, and never changes its meaning once released.

    `message` stands alone in one line, lower case, names in backticks. `label` is where it is, with what is wrong
    there; None for a problem of no one place. `notes` are facts with optional places; `help` says what to do.
    """

    code: str
    severity: Severity
    message: str
    label: Label | None = None
    notes: tuple[str, ...] = ()
    help: str | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Orders diagnostics by place, then code: the order in which every format prints them."""
        if self.label is None:
            return ("", 0, 0, self.code, self.message)
        span = self.label.span
        return (span.path, span.line, span.column, self.code, self.message)
