"""Where a command's output goes: data to stdout, talk to stderr; colour only on a terminal."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

from fpc.diagnostics.neutral import neutralise_lines
from fpc.diagnostics.style import Style


def put(text: str) -> None:
    """Write data to stdout as it is; what may hold text of specs or data must be neutral already."""
    click.echo(text, nl=False, color=True)


def say(text: str) -> None:
    """Write a line of talk to stderr; whatever it holds cannot act on the terminal."""
    click.echo(neutralise_lines(text), err=True)


def warn(text: str) -> None:
    """Write a warning to stderr."""
    _titled("warning", style_of(sys.stderr).warning("warning"), text)


def fail(text: str, notes: tuple[str, ...] = (), help: str | None = None) -> None:
    """Write an error, its notes and its help to stderr."""
    style = style_of(sys.stderr)
    _titled("error", style.error("error"), text)
    for kind, remark in (*(("note", note) for note in notes), ("help", help)):
        if remark:
            _titled(f"  = {kind}", f"  {style.frame('=')} {style.strong(kind)}", remark)


def suggest(command: str, purpose: str) -> None:
    """Name the next useful command, as the last line of talk."""
    style = style_of(sys.stderr)
    click.echo(f"{style.good('next')}: {style.strong(neutralise_lines(command))}  ({purpose})", err=True, color=True)


def style_of(stream: TextIO) -> Style:
    """Colours for a stream: only on a terminal, and never when NO_COLOR is set (https://no-color.org)."""
    return Style(is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads this stream as it is written."""
    return stream.isatty()


def _titled(plain: str, painted: str, text: str) -> None:
    first, *rest = neutralise_lines(text).split("\n")
    indented = "".join(f"\n{' ' * (len(plain) + 2)}{line}" for line in rest)
    click.echo(f"{painted}: {first}{indented}", err=True, color=True)
