"""Why a command stops early, and with which exit code."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code says about whose turn it is."""

    DONE = 0
    USER_FAULT = 1
    WRONG_USAGE = 2
    FPC_FAULT = 3
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command with one message, what was kept or is known, and what to do; never with a stack."""

    def __init__(self, code: ExitCode, message: str, *, notes: tuple[str, ...] = (), help: str | None = None) -> None:
        """`message` stands alone in one line; `help` says what the user or operator can do."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.notes = notes
        self.help = help


def user_fault(message: str, *, notes: tuple[str, ...] = (), help: str | None = None) -> CommandError:
    """The specs or data are at fault: exit code 1."""
    return CommandError(ExitCode.USER_FAULT, message, notes=notes, help=help)


def wrong_usage(message: str, *, notes: tuple[str, ...] = (), help: str | None = None) -> CommandError:
    """The command was called wrongly: exit code 2."""
    return CommandError(ExitCode.WRONG_USAGE, message, notes=notes, help=help)


def fpc_fault(message: str, *, notes: tuple[str, ...] = (), help: str | None = None) -> CommandError:
    """Fpc, or something that it depends on, is at fault: exit code 3."""
    return CommandError(ExitCode.FPC_FAULT, message, notes=notes, help=help)
