"""Writes files that the user will own: only where there are none yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fpc.cli.console import say


def write_new(root: Path, files: Mapping[str, str]) -> int:
    """Write each file (path relative to `root`, text) that does not exist, and say so; gives how many were written.

    What exists is kept, whatever it holds.
    """
    written = 0
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with place.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except FileExistsError:
            say(f"  kept     {path}")
            continue
        say(f"  wrote    {path}")
        written += 1
    return written
