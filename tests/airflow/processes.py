"""Finding and killing the processes of one repository's refresh. Linux."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A running process."""

    pid: int
    parent: int
    arguments: tuple[str, ...]
    folder: str

    def kill(self) -> None:
        """SIGKILL, which nothing can answer."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def all_processes() -> Iterator[Process]:
    """Every process that can be looked at."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = tuple((folder / "cmdline").read_text(errors="replace").rstrip("\0").split("\0"))
            parent = int((folder / "stat").read_text(errors="replace").rpartition(") ")[2].split()[1])
            yield Process(int(folder.name), parent, arguments, str((folder / "cwd").readlink()))


def is_alive(pid: int) -> bool:
    """Whether a process of this id runs."""
    return any(found.pid == pid and found.arguments != ("",) for found in all_processes())


def stages_of(repository: Path, stage: str) -> list[Process]:
    """Every `fpc` that runs a stage in the repository."""
    return [found for found in all_processes() if {str(repository), "--stage", stage} <= set(found.arguments)]


def dbt_of(repository: Path, below: Process | None = None) -> Process | None:
    """The dbt that builds in the repository; `below` is the fpc that must have started it."""
    for found in all_processes():
        is_dbt = "dbt.cli.main" in found.arguments and found.folder == str(repository / "dbt_project")
        if is_dbt and (below is None or found.parent == below.pid):
            return found
    return None


def with_ancestors(process: Process, root: int) -> list[Process]:
    """A process's ancestors, the nearest first, up to but without `root`; none where `root` is not above it."""
    known = {found.pid: found for found in all_processes()}
    chain = []
    parent = process.parent
    while parent in known and parent != root:
        chain.append(known[parent])
        parent = known[parent].parent
    return chain if parent == root else []
