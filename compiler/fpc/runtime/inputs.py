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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import duckdb

from fpc.contract.registry import ViewContract
from fpc.runtime.dbt import PROJECT, parents_of

_SCHEMA: Final = "fpc_state"
_FILES: Final = re.compile(r"read_\w+\('((?:[^']|'')*)'")
_NOT_THE_PROJECT: Final = frozenset({"target", "logs", "dbt_packages"})
_PROGRAMS: Final = ("dbt-core", "dbt-duckdb", "duckdb")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the views read: a hash per view (by its model's name), none for one that must always be built."""

    by_view: Mapping[str, str]
    newest_change_ns: int


def read_inputs(root: Path) -> Inputs:
    """The state of the project and of every source's files now; nothing where dbt has not run yet."""
    try:
        manifest = json.loads((root / PROJECT / "target" / "manifest.json").read_text())
        nodes: dict[str, Any] = manifest["nodes"]
        sources: dict[str, Any] = manifest["sources"]
        parents = {node: tuple(ids) for node, ids in manifest["parent_map"].items()}
    except (OSError, ValueError, KeyError):
        return Inputs({}, 0)
    project, newest = _project_hash(root / PROJECT)
    files = {name: _files(root, source) for name, source in sources.items()}
    by_view = {}
    for node, described in nodes.items():
        if described.get("resource_type") != "model":
            continue
        read = sorted(ancestor for ancestor in parents_of(parents, node) if ancestor in sources)
        states = [files[name] for name in read]
        if read and all(state is not None for state in states):
            text = json.dumps([project, *(state.entries for state in states if state is not None)])
            by_view[str(described["name"])] = hashlib.sha256(text.encode()).hexdigest()
    changes = [state.newest_ns for state in files.values() if state is not None]
    return Inputs(by_view, max([newest, *changes], default=0))


@dataclass(frozen=True, slots=True)
class _Files:
    entries: list[list[object]]
    newest_ns: int


def _files(root: Path, source: Mapping[str, Any]) -> _Files | None:
    """The files behind a dbt source; None for one that is not made of files."""
    config = source.get("config") or {}
    location = config.get("external_location") or (source.get("meta") or {}).get("external_location")
    pattern = _FILES.search(str(location)) if location else None
    if pattern is None:
        return None
    whole = os.path.join(root / PROJECT, pattern[1].replace("''", "'"))  # noqa: PTH118 - a glob, not a path
    entries: list[list[object]] = []
    newest = 0
    for name in sorted(glob.glob(whole, recursive=True)):  # noqa: PTH207 - as DuckDB expands it
        state = Path(name).stat()
        entries.append([name, state.st_size, state.st_mtime_ns])
        newest = max(newest, state.st_mtime_ns)
    return _Files(entries, newest)


def _project_hash(project: Path) -> tuple[str, int]:
    found = hashlib.sha256()
    newest = 0
    for program in _PROGRAMS:
        found.update(f"{program} {metadata.version(program)}\n".encode())
    for folder, names, files in os.walk(project):
        names[:] = sorted(set(names) - _NOT_THE_PROJECT) if Path(folder) == project else sorted(names)
        for name in sorted(files):
            path = Path(folder) / name
            content = path.read_bytes()
            found.update(f"{path.relative_to(project).as_posix()} {len(content)}\n".encode())
            found.update(content)
            newest = max(newest, path.stat().st_mtime_ns)
    return found.hexdigest(), newest


def up_to_date(
    connection: duckdb.DuckDBPyConnection, views: Iterable[tuple[ViewContract, int]], inputs: Inputs
) -> frozenset[str]:
    """The views whose tables are those of this instant and of these inputs, and passed the gate."""
    try:
        rows = connection.execute(f"SELECT view, as_of_us, inputs FROM {_SCHEMA}.refreshes").fetchall()
    except duckdb.CatalogException:
        return frozenset()
    remembered = {(str(view), int(as_of_us)): str(known) for view, as_of_us, known in rows}
    return frozenset(
        view.name
        for view, as_of_us in views
        if inputs.by_view.get(view.name, "unknown") == remembered.get((view.name, as_of_us))
        and _stands_at(connection, view, as_of_us)
    )


def forget(connection: duckdb.DuckDBPyConnection, views: Iterable[str]) -> None:
    """Remember nothing of these views: their tables are about to be built."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {_SCHEMA}.refreshes (view VARCHAR PRIMARY KEY, as_of_us BIGINT, inputs VARCHAR)"
    )
    for view in views:
        connection.execute(f"DELETE FROM {_SCHEMA}.refreshes WHERE view = ?", [view])


def remember(
    connection: duckdb.DuckDBPyConnection, views: Iterable[tuple[str, int]], inputs: Inputs, since_ns: int
) -> None:
    """Write down what these views were built from, unless it changed while they were (`since_ns`: when that began)."""
    for view, as_of_us in views:
        known = inputs.by_view.get(view)
        if known is not None and inputs.newest_change_ns < since_ns:
            row = [view, as_of_us, known]
            connection.execute(f"INSERT OR REPLACE INTO {_SCHEMA}.refreshes VALUES (?, ?, ?)", row)


def _stands_at(connection: duckdb.DuckDBPyConnection, view: ViewContract, as_of_us: int) -> bool:
    """Whether both tables are there, as of the instant."""
    try:
        found = connection.execute(f"SELECT EPOCH_US(as_of) FROM {view.empty_table}").fetchall()
        connection.execute(f"SELECT 1 FROM {view.table} LIMIT 0")
    except duckdb.Error:
        return False
    return found == [(as_of_us,)]
