"""What a refresh read, so that the next one need not do again what cannot come out differently.

A view's tables are a function of the dbt project, the programs that run it, the instant, and the files of its sources.
When all are as they were at the view's last refresh that passed the gate, its tables are right already. A source that
is a table of the warehouse may change at any time without a trace: views of such sources are always built.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import duckdb

from fpc.contract.registry import ViewContract
from fpc.runtime.dbt import PROJECT, parents_of

#: The schema of the warehouse that holds what fpc remembers.
SCHEMA: Final = "fpc_state"
_FILES: Final = re.compile(r"read_\w+\('((?:[^']|'')*)'")
_NOT_THE_PROJECT: Final = frozenset({"target", "logs", "dbt_packages"})
_PROGRAMS: Final = ("dbt-core", "dbt-duckdb", "duckdb")


@dataclass(frozen=True, slots=True)
class ViewInputs:
    """What one view's tables are made from.

    `digest` is over all of it; `definition` over the view's own part of the project alone; `files` are those of its
    sources, each with size and time of change; `staged` the staging models that it reads.
    """

    digest: str
    definition: str
    files: tuple[tuple[str, int, int], ...]
    staged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the views read, by the names of their models; none of a view that must always be built."""

    by_view: Mapping[str, ViewInputs]
    newest_change_ns: int


def read_inputs(root: Path) -> Inputs:
    """The state of the project and of every source's files now; nothing where dbt has not run yet."""
    try:
        manifest = json.loads((root / PROJECT / "target" / "manifest.json").read_text())
        nodes: dict[str, Any] = {**manifest["nodes"], **manifest["sources"]}
        parents = {node: tuple(ids) for node, ids in manifest["parent_map"].items()}
    except (OSError, ValueError, KeyError):
        return Inputs({}, 0)
    project, newest = _project_hash(root / PROJECT)
    files = {name: _files(root, node) for name, node in nodes.items() if node["resource_type"] == "source"}
    by_view = {}
    for name, node in nodes.items():
        if node["resource_type"] == "model":
            found = _view_inputs(root, sorted(parents_of(parents, name)), nodes, files, project)
            if found is not None:
                by_view[str(node["name"])] = found
    changes = [state[2] for states in files.values() for state in states or ()]
    return Inputs(by_view, max([newest, *changes], default=0))


def _view_inputs(
    root: Path,
    ancestors: list[str],
    nodes: Mapping[str, Any],
    files: Mapping[str, tuple[tuple[str, int, int], ...] | None],
    project: str,
) -> ViewInputs | None:
    read: list[tuple[str, int, int]] = []
    sources = [name for name in ancestors if name in files]
    for name in sources:
        states = files[name]
        if states is None:
            return None
        read += states
    if not sources:
        return None
    definition = hashlib.sha256(_programs())
    for path in sorted({str(nodes[name]["original_file_path"]) for name in ancestors if name in nodes}):
        try:
            definition.update(path.encode() + b"\n" + (root / PROJECT / path).read_bytes())
        except OSError:
            return None
    digest = hashlib.sha256(json.dumps([project, read]).encode()).hexdigest()
    staged = tuple(str(nodes[n]["name"]) for n in ancestors if n in nodes and str(nodes[n]["name"]).startswith("stg_"))
    return ViewInputs(digest, definition.hexdigest(), tuple(read), staged)


def _files(root: Path, source: Mapping[str, Any]) -> tuple[tuple[str, int, int], ...] | None:
    """The files behind a dbt source; None for one that is not made of files."""
    config = source.get("config") or {}
    location = config.get("external_location") or (source.get("meta") or {}).get("external_location")
    pattern = _FILES.search(str(location)) if location else None
    if pattern is None:
        return None
    whole = os.path.join(root / PROJECT, pattern[1].replace("''", "'"))  # noqa: PTH118 - a glob, not a path
    states = ((name, Path(name).stat()) for name in sorted(glob.glob(whole, recursive=True)))  # noqa: PTH207 - as DuckDB
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


def _programs() -> bytes:
    return "".join(f"{program} {metadata.version(program)}\n" for program in _PROGRAMS).encode()


def _project_hash(project: Path) -> tuple[str, int]:
    found = hashlib.sha256(_programs())
    newest = 0
    for folder, names, files in os.walk(project):
        names[:] = sorted(set(names) - _NOT_THE_PROJECT) if Path(folder) == project else sorted(names)
        for name in sorted(files):
            path = Path(folder) / name
            content = path.read_bytes()
            found.update(f"{path.relative_to(project).as_posix()} {len(content)}\n".encode())
            found.update(content)
            newest = max(newest, path.stat().st_mtime_ns)
    return found.hexdigest(), newest


def stands_at(connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int) -> bool:
    """Whether both tables are there, as of the instant."""
    try:
        found = connection.execute(f"SELECT EPOCH_US(as_of) FROM {view.empty_table}").fetchall()
        connection.execute(f"SELECT 1 FROM {view.table} LIMIT 0")
    except duckdb.Error:
        return False
    return found == [(as_of_us,)]
