"""Puts a new text in the place of a file of the user's."""

from __future__ import annotations

from pathlib import Path

from fpc.contract.whole_file import PUBLIC, write_whole


def replace_file(path: Path, text: str) -> None:
    """Replace the file's text at once (`write_whole`). The file's rights stay; a link stays a link."""
    place = path.resolve()
    write_whole(place, text, place.stat().st_mode & 0o7777 if place.exists() else PUBLIC)
