"""The only module that writes a repository's files: changed ones, whole or not at all, and no one else's.

What is generated says so in its opening lines, and by its stamp (`fpc.emit.stamp`) whether it is as it was generated.
So a file that is no longer generated is found and removed, and a generated one that somebody edited is kept.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from fpc.contract.whole_file import PUBLIC, write_whole
from fpc.emit.artefact import Artefact
from fpc.emit.stamp import is_generated, is_untouched, stamped
from fpc.spec.governance import CODEOWNERS

# Where artefacts may live; anything else is somebody's own and is never touched.
_FOLDERS: Final = ("dbt_project/", "registry/", "dags/")
# What dbt writes for itself, some of it copies of generated files.
_NOT_OURS: Final = frozenset({"dbt_project/target", "dbt_project/logs", "dbt_project/dbt_packages"})


class Change(Enum):
    """What happens, or would happen, to one file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    KEPT = "kept"  # edited by hand, or a file of the user's own where a generated one should stand: left as it is


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One file that is not what the specs compile to."""

    path: str
    change: Change


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What was written; `unchanged` counts the files that were right already."""

    differences: tuple[Difference, ...]
    unchanged: int

    @property
    def kept(self) -> tuple[str, ...]:
        """Files that should have been written but were not, because somebody else wrote them."""
        return tuple(d.path for d in self.differences if d.change is Change.KEPT)


def difference(root: Path, artefacts: Iterable[Artefact]) -> tuple[Difference, ...]:
    """How the files on disk differ from the artefacts, sorted by path; nothing is written."""
    return tuple(sorted(d for d in _judge(root, _by_path(artefacts), overwrite=False).values() if d is not None))


def write(root: Path, artefacts: Iterable[Artefact], *, overwrite: bool = False) -> WriteReport:
    """Bring the files on disk in line with the artefacts.

    A file whose text is right already is not touched, so that dbt need not parse it again. With `overwrite`, files
    that were edited by hand are replaced too. Each file is replaced atomically; a crash leaves old files and new
    ones, and the next run does the rest.
    """
    wanted = _by_path(artefacts)
    judged = _judge(root, wanted, overwrite=overwrite)
    differences = tuple(sorted(d for d in judged.values() if d is not None))
    for found in differences:
        match found.change:
            case Change.ADDED | Change.CHANGED:
                write_whole(root / found.path, wanted[found.path].text, PUBLIC)
            case Change.REMOVED:
                _remove(root, found.path)
            case Change.KEPT:
                pass
    return WriteReport(differences, len(wanted) - len([d for d in differences if d.path in wanted]))


def _by_path(artefacts: Iterable[Artefact]) -> dict[str, Artefact]:
    found: dict[str, Artefact] = {}
    for artefact in artefacts:
        if artefact.path in found:
            raise ValueError(f"two artefacts for {artefact.path}")
        if not _is_ours(artefact.path):
            raise ValueError(f"an artefact outside the generated folders: {artefact.path}")
        found[artefact.path] = stamped(artefact)
    return found


def _is_ours(path: str) -> bool:
    parts = path.split("/")
    return path in CODEOWNERS or (
        path.startswith(_FOLDERS) and ".." not in parts and "" not in parts and "\\" not in path
    )


def _judge(root: Path, wanted: dict[str, Artefact], *, overwrite: bool) -> dict[str, Difference | None]:
    judged: dict[str, Difference | None] = {}
    for path, artefact in wanted.items():
        on_disk = _read(root / path)
        if on_disk is None:
            judged[path] = Difference(path, Change.ADDED)
        elif on_disk == artefact.text.encode():
            judged[path] = None
        else:
            ours = overwrite or is_untouched(on_disk)
            judged[path] = Difference(path, Change.CHANGED if ours else Change.KEPT)
    for path in _present(root):
        on_disk = _read(root / path) if path not in wanted else None
        if on_disk is not None and is_generated(on_disk):
            ours = overwrite or is_untouched(on_disk)
            judged[path] = Difference(path, Change.REMOVED if ours else Change.KEPT)
    return judged


def _present(root: Path) -> Iterator[str]:
    """The files in the generated folders, and those that may be generated beside the user's, relative to the root."""
    yield from CODEOWNERS
    for top in _FOLDERS:
        for folder, names, files in os.walk(root / top):
            inside = Path(folder).relative_to(root).as_posix()
            names[:] = [name for name in names if name != "__pycache__" and f"{inside}/{name}" not in _NOT_OURS]
            yield from (f"{inside}/{name}" for name in files)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _remove(root: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    (root / path).unlink(missing_ok=True)
    for folder in (root / path).parents:
        if folder == root or folder.parent == root:
            break
        with contextlib.suppress(OSError):
            folder.rmdir()
