"""What is to be refreshed, of which instant, and where."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from fpc.contract.registry import Registry, TargetContract, ViewContract
from fpc.runtime import dbt
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.grid import instant_of, latest_point
from fpc.runtime.warehouse import open_warehouse, warehouse_path

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One refresh: every selected view with the grid point that it is computed as of.

    `say` is told each step as it begins, `echo` each line that dbt says; `wait_seconds` is how long another process is
    waited for that holds the warehouse.
    """

    root: Path
    registry: Registry
    target: TargetContract
    clock_us: int
    points: tuple[tuple[ViewContract, int], ...]
    training_sets: tuple[str, ...]
    full_refresh: bool
    say: Say
    echo: Say
    wait_seconds: float

    def open(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, for writing."""
        return open_warehouse(warehouse_path(self.root, self.target), self.say, self.wait_seconds)


def plan_job(
    root: Path,
    registry: Registry,
    target: TargetContract,
    *,
    select: Sequence[str] = (),
    as_of_us: int | None = None,
    scheduled_us: int | None = None,
    full_refresh: bool = False,
    say: Say = lambda step: None,
    echo: Say = lambda line: None,
    wait_seconds: float = 20.0,
) -> Job:
    """The job of the selected views and training sets (none: all views); raises for what is not there.

    The clock is `as_of_us`; else `scheduled_us`, the time for which a scheduler asks, but never past the target's
    frozen clock; else that clock, else now.
    """
    clock_us = _clock(target, as_of_us, scheduled_us)
    views, training_sets = _selected(registry, select)
    _check_project(root, target)
    points = tuple((view, latest_point(view.grid, clock_us)) for view in views)
    return Job(root, registry, target, clock_us, points, training_sets, full_refresh, say, echo, wait_seconds)


def counted(number: int, noun: str) -> str:
    """`1 view`, `2 views`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _clock(target: TargetContract, as_of_us: int | None, scheduled_us: int | None) -> int:
    if as_of_us is not None:
        return as_of_us
    frozen_us = instant_of(target.as_of) if target.as_of else None
    known = [instant for instant in (scheduled_us, frozen_us) if instant is not None]
    return min(known) if known else time.time_ns() // 1_000


def _selected(registry: Registry, select: Sequence[str]) -> tuple[list[ViewContract], tuple[str, ...]]:
    if not select:
        return list(registry.views.values()), ()
    known = [*registry.views, *registry.training_sets]
    for name in select:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise FpcRuntimeError(
                f"there is no feature view `{name}` in the registry",
                help=f"did you mean `{near[0]}`?" if near else "`fpc compile` puts new views there",
                exit_code=1,
            )
    return (
        [view for name, view in registry.views.items() if name in select],
        tuple(name for name in registry.training_sets if name in select and name not in registry.views),
    )


def _check_project(root: Path, target: TargetContract) -> None:
    if target.engine != "duckdb":
        raise FpcRuntimeError(f"target `{target.name}`: runs on {target.engine} are not built yet", help="use duckdb")
    if not (root / dbt.PROJECT / "dbt_project.yml").exists():
        raise FpcRuntimeError("there is no dbt project yet", help="fpc compile", exit_code=1)
