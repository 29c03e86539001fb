"""Runs stock dbt as a process of its own, and reads what it did from its artefacts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.program.process import run_program

PROJECT: Final = "dbt_project"
_GATE_TAG: Final = "fpc_gate"
_REQUIRED: Final = ("dbt-core", "dbt-duckdb")
#: Results that leave a node's table or promise unfulfilled.
BROKEN: Final = frozenset({"error", "fail", "skipped", "runtime error", "partial success"})
_UNSAFE_IN_PATHS: Final = frozenset("'\"{}%")


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of one node of a dbt run. `parents` are the ids of the models and sources that it reads."""

    id: str
    kind: str
    name: str
    status: str
    message: str
    failures: int
    seconds: float
    parents: tuple[str, ...]

    @property
    def is_broken(self) -> bool:
        """Whether it failed or was never run."""
        return self.status in BROKEN


@dataclass(frozen=True, slots=True)
class DbtRun:
    """A finished `dbt build`: every node's result, in the order in which they ended, and what dbt said."""

    results: tuple[NodeResult, ...]
    parents: Mapping[str, tuple[str, ...]]
    output: str

    def ancestors(self, node: str) -> frozenset[str]:
        """The ids of everything that a node is built from, itself included."""
        return parents_of(self.parents, node)


def parents_of(parents: Mapping[str, tuple[str, ...]], node: str) -> frozenset[str]:
    """The ids of everything that a node is built from, itself included, by each node's own parents."""
    found: set[str] = set()
    open_ends = [node]
    while open_ends:
        current = open_ends.pop()
        if current not in found:
            found.add(current)
            open_ends += parents.get(current, ())
    return frozenset(found)


class DbtError(FpcRuntimeError):
    """The dbt process itself failed; exit code 3."""


def build(
    root: Path,
    target: str,
    selectors: Sequence[str],
    as_of: str,
    *,
    since: Mapping[str, str] = MappingProxyType({}),
    full_refresh: bool,
    inherit: Sequence[int] = (),
    echo: Callable[[str], None] = lambda line: None,
) -> DbtRun:
    """`dbt build` of the selected models and their tests, as of an instant; raises `DbtError` if dbt itself fails.

    `since` says from which instant a view's table may be carried forward (see `fpc.runtime.history`). `inherit` are
    file descriptors that stay open as long as dbt lives; `echo` is given each line that dbt says, as it says it. When
    the waiting is interrupted, dbt is ended.

    Failed models and tests are results, not errors. The unit tests of the specs' examples are left out: they test
    the specs, which is done before a release, not at each refresh. So are the tests that the gate makes itself.
    """
    _check_installed()
    folder = root / PROJECT
    results = folder / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build", "--target", target]
    command += ["--project-dir", ".", "--profiles-dir", ".", "--exclude-resource-type", "unit_test"]
    command += ["--full-refresh"] if full_refresh else []
    command += ["--select", *selectors, "--exclude", f"tag:{_GATE_TAG}"]
    lines: list[str] = []

    def hear(line: str) -> None:
        lines.append(f"{line}\n")
        echo(line)

    # In fpc's own session: whatever ends fpc's processes together ends dbt with them.
    environment = _environment(root, as_of, since)
    code = run_program(command, folder, hear, environment=environment, inherit=inherit, own_session=False)
    output = "".join(lines)
    if code not in (0, 1) or not results.exists():
        raise DbtError(
            f"dbt stopped with exit code {code}: {last_error(output)}",
            kept="what was served is still served",
            help=f"`cd {PROJECT} && dbt build` shows all that dbt says",
        )
    return read_results(folder / "target", output)


def read_results(target: Path, output: str = "") -> DbtRun:
    """The results of the last run, by dbt's own files."""
    try:
        results = json.loads((target / "run_results.json").read_text())["results"]
        manifest = json.loads((target / "manifest.json").read_text())
        parents = {node: tuple(ids) for node, ids in manifest["parent_map"].items()}
        nodes: Mapping[str, Mapping[str, Any]] = manifest["nodes"]
        return DbtRun(tuple(_result(entry, nodes, parents) for entry in results), parents, output)
    except (OSError, ValueError, KeyError) as problem:
        raise DbtError(
            "dbt's results cannot be read",
            kept="what was served is still served",
            help=f"remove {PROJECT}/target and run again",
        ) from problem


def last_error(output: str) -> str:
    """What dbt gave as the reason, in one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    lines = [line.split("  ", 1)[-1] for line in lines]
    telling = [line for line in lines if "Error" in line and not line.startswith("Encountered")]
    return (telling or lines or ["it said nothing"])[-1]


def _result(entry: Mapping[str, Any], nodes: Mapping[str, Any], parents: Mapping[str, tuple[str, ...]]) -> NodeResult:
    node = str(entry["unique_id"])
    return NodeResult(
        id=node,
        kind=node.split(".", 1)[0],
        name=str(nodes.get(node, {}).get("name", node.split(".")[-1])),
        status=str(entry["status"]),
        message=str(entry.get("message") or ""),
        failures=int(entry.get("failures") or 0),
        seconds=float(entry.get("execution_time") or 0.0),
        parents=parents.get(node, ()),
    )


def _environment(root: Path, as_of: str, since: Mapping[str, str]) -> dict[str, str]:
    # The root is printed into SQL and paths by the project: one that would need quoting is named by a relative path.
    named = str(root) if _UNSAFE_IN_PATHS.isdisjoint(str(root)) else ".."
    return {
        "FPC_REPO": named,
        "FPC_AS_OF": as_of,
        "FPC_SINCE": json.dumps(dict(since)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _check_installed() -> None:
    for package in _REQUIRED:
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            raise DbtError(
                f"{package} is not installed in this Python environment",
                kept="nothing was changed; what was served is still served",
                help="install fpc's dependencies: make install",
            ) from None
