"""What goes wrong at run time: one clear message, what was kept, what the operator can do."""

from __future__ import annotations


class FpcRuntimeError(Exception):
    """A run-time failure: `message` names the view or file and what happened; never a key's value or a secret.

    `kept` says what was left as it was, `help` what to do next, `exit_code` what the command ends with: 1 the user's
    data are at fault, 3 fpc or what it depends on.
    """

    exit_code = 3

    def __init__(self, message: str, *, kept: str = "", help: str = "", exit_code: int | None = None) -> None:
        """Raise with the line that stands alone, and the two that explain it."""
        super().__init__(message)
        self.message = message
        self.kept = kept
        self.help = help
        if exit_code is not None:
            self.exit_code = exit_code
