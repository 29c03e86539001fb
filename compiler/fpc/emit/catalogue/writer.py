"""Writes the catalogue into a folder that is its own, and removes the pages that it no longer has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Lists what the catalogue has written into its folder, a path a line; without it a folder is somebody else's.
MARK: Final = ".fpc-catalogue"


class ForeignFolderError(Exception):
    """The folder holds files that no catalogue has written."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many files the catalogue has, how many were changed or new, and how many were removed."""

    files: int
    changed: int
    removed: int


def write_site(folder: Path, files: Iterable[tuple[str, bytes]]) -> Written:
    """Bring the folder in line with the files, given by their paths in it; those that are right are not touched.

    What is cut off leaves some pages of before, and is mended by the next call: nothing but people reads the folder.
    Raises `ForeignFolderError` where the folder holds anything but an earlier catalogue.
    """
    before = _before(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if before is None:
        (folder / MARK).write_bytes(b"")
    written: dict[str, None] = {}
    changed = 0
    made: set[Path] = set()
    for path, content in files:
        place = folder / path
        written[path] = None
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        if not (path in (before or ()) and _holds(place, content)):
            place.write_bytes(content)
            changed += 1
    removed = [path for path in before or () if path not in written]
    for path in removed:
        (folder / path).unlink(missing_ok=True)
    (folder / MARK).write_bytes("".join(f"{path}\n" for path in sorted(written)).encode())
    return Written(len(written), changed, len(removed))


def _before(folder: Path) -> frozenset[str] | None:
    """The paths of an earlier catalogue; None for a folder that is empty, or not there."""
    try:
        listed = (folder / MARK).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        if folder.is_dir() and any(folder.iterdir()):
            raise ForeignFolderError(folder) from None
        return None
    return frozenset(path for path in listed if path and not path.startswith("/") and ".." not in path.split("/"))


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False
