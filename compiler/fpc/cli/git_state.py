"""The specs as they are in a commit, read through git without touching the work tree."""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fpc.cli.failure import wrong_usage
from fpc.contract.spec_files import CONFIG, FOLDER, LARGEST

#: Set for the hooks of git, and then about another folder than the one that is asked about.
_OF_HOOKS: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
_LINK: Final = "120000"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that was found by a name: its full hash."""

    ref: str
    hash: str

    @property
    def short(self) -> str:
        """As people write it."""
        return self.hash[:10]


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object: str
    path: str


def find_commit(root: Path, ref: str, *, merge_base: bool = False) -> Commit:
    """The commit that `ref` names, or where HEAD branched off from it; exit code 2 where there is none.

    Changes nothing, and asks nobody but the repository on this disk.
    """
    if shutil.which("git") is None:
        raise wrong_usage("git is not installed", help="`fpc plan` reads the state to compare with through git")
    if git(root, "rev-parse", "--is-inside-work-tree").strip() != b"true":
        raise wrong_usage(
            f"`{root}` is not in a git repository",
            help="`git init` makes one; there is nothing to compare with until the specs are committed",
        )
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    if not found:
        raise wrong_usage(f"git knows no commit `{ref}`", help=_help_for(root, ref))
    if merge_base:
        found = git(root, "merge-base", found, "HEAD").decode().strip()
        if not found:
            raise wrong_usage(
                f"HEAD and `{ref}` have no commit in common here",
                help="in a shallow clone, fetch more of the history (`fetch-depth: 0` of actions/checkout)",
            )
    return Commit(ref, found)


def specs_at(root: Path, commit: Commit) -> dict[str, bytes]:
    """The bytes of `fpc.yml` and of `features/**/*.yml` in the commit, by path; exit code 2 without `fpc.yml`."""
    prefix = git(root, "rev-parse", "--show-prefix").decode().strip()
    contents = _contents(root, {entry.path: entry for entry in _listed(root, commit)}, prefix, commit)
    if CONFIG not in contents:
        raise wrong_usage(
            f"there is no {CONFIG} in `{commit.ref}` ({commit.short})",
            help="compare with a commit in which the feature repository is there already",
        )
    return contents


@contextmanager
def written(contents: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder for a while that holds these files."""
    with tempfile.TemporaryDirectory(prefix="fpc_plan_") as folder:
        for path, content in contents.items():
            place = Path(folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield Path(folder)


def _listed(root: Path, commit: Commit) -> Iterator[_Entry]:
    # Paths are relative to the folder that git runs in, which is the repository's root.
    out = git(root, "ls-tree", "-r", "-z", commit.hash, "--", CONFIG, f"{FOLDER}/")
    for line in out.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            about, _, path = line.partition("\t")
            mode, kind, name = about.split(" ")[:3]
            if kind == "blob" and (path == CONFIG or path.endswith((".yml", ".yaml"))):
                yield _Entry(mode, name, path)


def _contents(root: Path, entries: dict[str, _Entry], prefix: str, commit: Commit) -> dict[str, bytes]:
    """The files' bytes by path; a link within the repository stands for what it points at."""
    found = dict(zip(entries, _objects(root, [entry.object for entry in entries.values()]), strict=True))
    links = {path: _pointed_at(path, found[path]) for path, entry in entries.items() if entry.mode == _LINK}
    names = [f"{commit.hash}:{prefix}{target}" for target in links.values() if target is not None]
    targets = iter(_objects(root, names))
    for path, target in links.items():
        found[path] = b"" if target is None else next(targets)
    return {path: content for path, content in found.items() if path not in links or links[path] is not None}


def _pointed_at(path: str, link: bytes) -> str | None:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link.decode("utf-8", "surrogateescape")))
    return None if target.startswith(("/", "..")) or "\n" in target else target


def _objects(root: Path, names: list[str]) -> list[bytes]:
    """The blobs' bytes; of one that is larger than any spec may be, enough to be refused for it."""
    if not names:
        return []
    out = git(root, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    found, at = [], 0
    for _ in names:
        end = out.index(b"\n", at)
        header = out[at:end].split(b" ")
        if header[-1] == b"missing" or len(header) != 3:
            found.append(b"")
            at = end + 1
            continue
        size = int(header[2])
        found.append(out[end + 1 : end + 1 + min(size, LARGEST + 1)])
        at = end + 2 + size
    return found


def git(root: Path, *arguments: str, given: bytes | None = None) -> bytes:
    """What git says when it is asked in the folder; nothing where it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], input=given, capture_output=True, env=environment, check=False
    )
    if b"dubious ownership" in done.stderr:
        raise wrong_usage(
            f"git does not trust `{root}`, which belongs to another user",
            help=f"git config --global --add safe.directory {root}",
        )
    return done.stdout if done.returncode == 0 else b""


def _help_for(root: Path, ref: str) -> str:
    if git(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
        return "this clone is shallow: fetch more of the history (`fetch-depth: 0` of actions/checkout)"
    if not git(root, "rev-parse", "--verify", "--quiet", "HEAD"):
        return "nothing is committed yet"
    return f"`git fetch` may bring it, where `{ref}` is a branch of a remote; `git log --oneline` shows what is here"
