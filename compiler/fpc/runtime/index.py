"""Indexes: the compiled kernel's layout of a view's events, kept in `.fpc/index/` for the next training set.

An index is a function of the SQL that reads the events, of the programs that run it and of the source's files. Each is
a folder of its own, named for the former and holding the states of the files; it is made under another name and put in
place whole, so that what stands there can be read. A lock for each folder lets one process make it while others wait.

Making one removes what crashes left, the indexes of the same view that will not be read again, and, where all take
more than `MOST_BYTES` together, those that were not read for longest.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from fpc.contract.kernel import KernelProgram
from fpc.contract.registry import ColumnContract
from fpc.contract.training import TrainingSource, TrainingView

#: Where a repository's indexes are.
FOLDER: Final = Path(".fpc") / "index"
_MANIFEST: Final = "manifest.json"
#: Changes with what the folder holds or means.
_LAYOUT: Final = 1
_PROGRAMS: Final = ("fpc", "duckdb", "numpy")
_BUILDING: Final = ".building"
_STALE: Final = ".stale"
#: Two changes of a file within one tick of the clock by which it is stamped can't be told apart.
_TICK_NS: Final = 20_000_000
#: What a repository's indexes may take together; the one just made is kept in any case.
MOST_BYTES: Final = 10 * 2**30


class IndexState(Enum):
    """What became of the index of one view."""

    READ = "read"
    BUILT = "built"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class IndexUse:
    """What became of a view's index: `reason` says why it was not used, `bytes` is its size on disk."""

    view: str
    state: IndexState
    reason: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class IndexKey:
    """Everything that an index depends on: `digest` names its folder, `files` are the states of the source's.

    A state is (path, inode, size, time of writing, time of change): the last is the system's own, which nobody sets
    back, so that a file of the same size and age in the place of another is told from it.
    `view_fingerprint` is that of the view as it was defined; an index of another definition is of no more use.
    """

    digest: str
    view: str
    view_fingerprint: str
    files: tuple[tuple[str, int, int, int, int], ...]


def index_key(
    program: KernelProgram, view: TrainingView, source: TrainingSource, files: Sequence[Path], root: Path
) -> IndexKey:
    """What the view's index depends on as things are now; raises `OSError` if a file is gone."""
    definition = {
        "layout": _LAYOUT,
        "programs": {name: metadata.version(name) for name in _PROGRAMS},
        "view": view.name,
        "events": view.events.sql,
        "reads": program.events,
        "slots": [slot.dictionary_of for slot in program.slots],
        "keys": _columns(view.inner_keys),
        "source": [source.name, source.relation, source.path],
        "columns": _columns(source.columns),
    }
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:32]
    states = []
    for file in sorted(files):
        found = file.stat()
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
        states.append((name, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
    return IndexKey(digest, view.name, view.fingerprint, tuple(states))


def settle(key: IndexKey) -> None:
    """Wait until a further change of the files would show in their times: at most a tick of the clock."""
    left = max((changed for *_, changed in key.files), default=0) + _TICK_NS - time.time_ns()
    if 0 < left <= _TICK_NS:
        time.sleep(left / 1e9)


class IndexFolder:
    """A repository's indexes."""

    def __init__(self, root: Path, most_bytes: int = MOST_BYTES) -> None:
        """Those of the repository in `root`; raises `OSError` where there can be none."""
        self._folder = root / FOLDER
        self._most_bytes = most_bytes
        self._folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def held(self, key: IndexKey) -> Iterator[Path]:
        """The index's folder, there or not, while nobody else reads or makes it; waits for whoever does.

        What is mapped from it stays as it is when the folder is replaced afterwards. Raises `OSError`.
        """
        with _locked(self._lock_of(key.digest), wait=True) as locked:
            assert locked
            yield self._folder / key.digest

    def facts(self, key: IndexKey) -> Mapping[str, Any] | None:
        """What was kept beside the index's columns; None where the index is not there, not whole, or not of `key`."""
        found = _read_manifest(self._folder / key.digest)
        return found["facts"] if found is not None and _is_of(found, key) else None

    def mark_read(self, key: IndexKey) -> None:
        """Note that the index was read just now, by who holds it."""
        # Where even that can't be written, the index is as good.
        with suppress(OSError):
            os.utime(self._folder / key.digest / _MANIFEST)

    def new(self, key: IndexKey) -> Path:
        """An empty folder to make the index in, by who holds it. Raises `OSError`."""
        made = self._folder / f"{key.digest}{_BUILDING}"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        return made

    def keep(self, key: IndexKey, made: Path, facts: Mapping[str, Any]) -> None:
        """Put what was made in place, whole and on the disk, by who holds it. Raises `OSError`."""
        manifest = {
            "view": key.view,
            "view_fingerprint": key.view_fingerprint,
            "programs": {name: metadata.version(name) for name in _PROGRAMS},
            "files": [list(state) for state in key.files],
            "facts": dict(facts),
        }
        with (made / _MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(made)
        place, stale = self._folder / key.digest, self._folder / f"{key.digest}{_STALE}"
        shutil.rmtree(stale, ignore_errors=True)
        if place.exists():
            place.replace(stale)
        made.replace(place)
        _sync_folder(self._folder)
        shutil.rmtree(stale, ignore_errors=True)

    def discard(self, made: Path) -> None:
        """Remove what `new` gave."""
        shutil.rmtree(made, ignore_errors=True)

    def sweep(self, key: IndexKey) -> None:
        """Remove what will not be read again, then what was not read for longest; nothing that is in use.

        By who holds the index of `key`, which stays.
        """
        shutil.rmtree(self._folder / f"{key.digest}{_STALE}", ignore_errors=True)
        left = self._most_bytes - size_of(self._folder / key.digest)
        others = []
        for path in sorted(self._folder.iterdir()):
            if not path.is_dir() or path.name == key.digest:
                continue
            manifest = _read_manifest(path)
            if path.name.endswith((_BUILDING, _STALE)) or _is_outdated(manifest, key):
                self._remove(path)
            else:
                others.append((_read_at(path), path))
        for _, path in sorted(others, reverse=True):
            left -= size_of(path)
            if left < 0:
                self._remove(path)

    def _remove(self, path: Path) -> None:
        lock = self._lock_of(path.name.partition(".")[0])
        with _locked(lock, wait=False) as locked:
            if locked:
                shutil.rmtree(path, ignore_errors=True)
                # Removed while it is held: whoever waits for it sees that it has gone, and makes another.
                lock.unlink(missing_ok=True)

    def _lock_of(self, digest: str) -> Path:
        return self._folder / f"{digest}.lock"


def size_of(folder: Path) -> int:
    """The bytes of a folder's files; 0 where somebody has just removed it."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except FileNotFoundError:
        return 0


def _read_at(folder: Path) -> int:
    try:
        return (folder / _MANIFEST).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _columns(columns: Sequence[ColumnContract]) -> list[list[str]]:
    return [[column.name, column.type] for column in columns]


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("facts"), dict) else None


def _is_of(manifest: Mapping[str, Any], key: IndexKey) -> bool:
    return manifest.get("files") == [list(state) for state in key.files]


def _is_outdated(manifest: Mapping[str, Any] | None, key: IndexKey) -> bool:
    """Whether an index under another digest will not be read again: unreadable, or of the view as it was before."""
    if manifest is None:
        return True
    return manifest.get("view") == key.view and (
        manifest.get("view_fingerprint") != key.view_fingerprint
        or manifest.get("programs") != {name: metadata.version(name) for name in _PROGRAMS}
        or not _is_of(manifest, key)
    )


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock file; without `wait`, gives False where somebody else does."""
    while True:
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            if _is_same_file(file.fileno(), path):
                yield True
                return
        # Its holder removed it while we waited.


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    ours = os.fstat(descriptor)
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
