"""The manifest beside a training set: all that decided its content, so that it can be made again and compared."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import duckdb

from fpc.contract.training import TrainingProgram
from fpc.runtime.content import file_digest
from fpc.runtime.errors import FpcRuntimeError

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was read: its path from the manifest or the repository, size and hash."""

    path: str
    bytes: int
    sha256: str

    @staticmethod
    def of(path: Path, base: Path) -> FileState:
        """The file as it is now, named from `base`."""
        return FileState(_named(path, base), path.stat().st_size, file_digest(path).removeprefix("sha256:"))


@dataclass(frozen=True, slots=True)
class SpineState:
    """Where the spine came from: `kind` file, table, query or memory, `where` accordingly; and how it was read."""

    kind: str
    where: str
    sha256: str | None
    time: str
    keys: Mapping[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class ViewState:
    """One view's meaning and, as served, its schedule."""

    fingerprint: str
    schedule: str
    delay_us: int
    online_ttl_us: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A training set's origin and content."""

    mode: str
    service: str | None
    features: tuple[str, ...]
    columns: tuple[str, ...]
    views: Mapping[str, ViewState]
    spine: SpineState
    sources: Mapping[str, tuple[FileState, ...]]
    tables: Mapping[str, str]
    rows: int
    content: str
    fpc: str = field(default_factory=lambda: version("fpc"))
    duckdb: str = duckdb.__version__
    format: int = FORMAT

    def write(self, path: Path) -> None:
        """Write canonical JSON, whole or not at all."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        temporary.write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n", encoding="utf-8")
        temporary.replace(path)


def manifest_path(output: Path) -> Path:
    """Where a training set's manifest lies: `labels.parquet` has `labels.parquet.manifest.json`."""
    return output.with_name(f"{output.name}.manifest.json")


def read_manifest(path: Path) -> Manifest:
    """The manifest of a file; raises `FpcRuntimeError` when it is missing, damaged or of another format."""
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if read.pop("format") != FORMAT:
            raise FpcRuntimeError(f"`{path.name}` was written by another version of fpc", exit_code=1)
        return Manifest(
            mode=read["mode"],
            service=read["service"],
            features=tuple(read["features"]),
            columns=tuple(read["columns"]),
            views={name: ViewState(**state) for name, state in read["views"].items()},
            spine=SpineState(**read["spine"]),
            sources={name: tuple(FileState(**file) for file in files) for name, files in read["sources"].items()},
            tables=read["tables"],
            rows=read["rows"],
            content=read["content"],
            fpc=read["fpc"],
            duckdb=read["duckdb"],
        )
    except FileNotFoundError as error:
        raise FpcRuntimeError(
            f"there is no manifest `{path.name}`", help="it lies beside the training set", exit_code=1
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FpcRuntimeError(f"`{path.name}` is not a manifest of a training set", exit_code=1) from error


def differences(before: Manifest, now: Manifest) -> tuple[str, ...]:
    """What differs between two manifests of one training set, in words; none when nothing does."""
    found = []
    for name in sorted({*before.views, *now.views}):
        old, new = before.views.get(name), now.views.get(name)
        if old != new:
            found.append(f"view `{name}`: {_view_change(old, new)}")
    for name in sorted({*before.sources, *now.sources}):
        found += [f"source `{name}`: {change}" for change in _file_changes(before.sources, now.sources, name)]
    if before.spine.sha256 != now.spine.sha256:
        found.append("the spine changed")
    if before.columns != now.columns:
        found.append("the columns changed")
    if before.rows != now.rows:
        found.append(f"{before.rows} rows then, {now.rows} now")
    for what, old_version, new_version in (("fpc", before.fpc, now.fpc), ("duckdb", before.duckdb, now.duckdb)):
        if old_version != new_version:
            found.append(f"{what} {old_version} then, {new_version} now")
    return tuple(found)


def view_states(program: TrainingProgram) -> dict[str, ViewState]:
    """The views of a program as a manifest keeps them."""
    return {
        view.name: ViewState(view.fingerprint, view.schedule, view.delay_us, view.online_ttl_us)
        for view in program.views
    }


def _view_change(old: ViewState | None, new: ViewState | None) -> str:
    if old is None or new is None:
        return "was not there then" if old is None else "is not there now"
    return "its definition changed" if old.fingerprint != new.fingerprint else "its schedule, delay or ttl changed"


def _file_changes(
    before: Mapping[str, tuple[FileState, ...]], now: Mapping[str, tuple[FileState, ...]], name: str
) -> list[str]:
    old = {file.path: file for file in before.get(name, ())}
    new = {file.path: file for file in now.get(name, ())}
    found = [f"`{path}` is gone" for path in sorted(old.keys() - new.keys())]
    found += [f"`{path}` is new" for path in sorted(new.keys() - old.keys())]
    return found + [f"`{path}` changed" for path in sorted(old.keys() & new.keys()) if old[path] != new[path]]


def _named(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path.resolve(), base.resolve())).as_posix()
