"""The only module that writes a repository's files: changed ones, whole or not at all, and no one else's.

`dbt_project/.fpc-manifest` lists every generated file with the hash of what was written, so that a file that is no
longer generated can be removed and a generated file that somebody edited is found, and kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from fpc.emit.artefact import Artefact
from fpc.emit.header import GENERATED

MANIFEST: Final = "dbt_project/.fpc-manifest"
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S.*)")
_TITLE: Final = f"# {GENERATED}: the generated files and their SHA-256.\n"
# Where artefacts may live; anything else in a manifest is somebody's mistake and is never touched.
_FOLDERS: Final = ("dbt_project/", "registry/", "dags/")
_HEAD_BYTES: Final = 4096


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
    kept = {d.path for d in differences if d.change is Change.KEPT}
    recorded = _recorded(root)
    lines = {path: {_hash(artefact.text.encode())} for path, artefact in wanted.items() if path not in kept}
    lines |= {path: recorded[path] for path in kept if path in recorded}
    if differences:
        # Until all is written a file may be of this compilation or the last: after a crash, both are known as ours.
        _write_manifest(root, {path: lines.get(path, set()) | recorded.get(path, set()) for path in lines | recorded})
    for found in differences:
        match found.change:
            case Change.ADDED | Change.CHANGED:
                _replace(root / found.path, wanted[found.path].text)
            case Change.REMOVED:
                _remove(root, found.path)
            case Change.KEPT:
                pass
    _write_manifest(root, lines)
    return WriteReport(differences, len(wanted) - len([d for d in differences if d.path in wanted]))


def _by_path(artefacts: Iterable[Artefact]) -> dict[str, Artefact]:
    found: dict[str, Artefact] = {}
    for artefact in artefacts:
        if artefact.path in found:
            raise ValueError(f"two artefacts for {artefact.path}")
        if not _is_ours(artefact.path):
            raise ValueError(f"an artefact outside the generated folders: {artefact.path}")
        found[artefact.path] = artefact
    return found


def _is_ours(path: str) -> bool:
    parts = path.split("/")
    return path.startswith(_FOLDERS) and ".." not in parts and "" not in parts and "\\" not in path


def _judge(root: Path, wanted: dict[str, Artefact], *, overwrite: bool) -> dict[str, Difference | None]:
    recorded = _recorded(root)
    judged: dict[str, Difference | None] = {}
    for path, artefact in wanted.items():
        on_disk = _read(root / path)
        if on_disk is None:
            judged[path] = Difference(path, Change.ADDED)
        elif on_disk == artefact.text.encode():
            judged[path] = None
        else:
            ours = overwrite or _was_generated(on_disk, recorded.get(path, set()))
            judged[path] = Difference(path, Change.CHANGED if ours else Change.KEPT)
    for path in recorded:
        on_disk = _read(root / path) if path not in wanted else None
        if on_disk is not None:
            ours = overwrite or _was_generated(on_disk, recorded[path])
            judged[path] = Difference(path, Change.REMOVED if ours else Change.KEPT)
    return judged


def _was_generated(on_disk: bytes, recorded: set[str]) -> bool:
    """Whether the bytes are what some compilation wrote: by the manifest, else by the file's opening lines."""
    if recorded:
        return _hash(on_disk) in recorded
    return GENERATED.encode() in on_disk[:_HEAD_BYTES]


def _recorded(root: Path) -> dict[str, set[str]]:
    """The manifest's hashes; a manifest that is missing or torn by a merge yields the lines that can be read."""
    text = (_read(root / MANIFEST) or b"").decode(errors="replace")
    found: dict[str, set[str]] = {}
    for match in filter(None, map(_LINE.fullmatch, text.splitlines())):
        if _is_ours(match[2]):
            found.setdefault(match[2], set()).add(match[1])
    return found


def _write_manifest(root: Path, hashes: dict[str, set[str]]) -> None:
    lines = [f"{digest}  {path}\n" for path in sorted(hashes) for digest in sorted(hashes[path])]
    manifest = "".join([_TITLE, *lines])
    if _read(root / MANIFEST) != manifest.encode():
        _replace(root / MANIFEST, manifest)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fpc-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _remove(root: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    (root / path).unlink(missing_ok=True)
    for folder in (root / path).parents:
        if folder == root or folder.parent == root:
            break
        with contextlib.suppress(OSError):
            folder.rmdir()
