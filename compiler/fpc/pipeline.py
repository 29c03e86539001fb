"""The whole flow, from files to files: load, analyse, check, then plan, lower and lay out.

    features/*.yml --load--> Spec --analyse--> Model --check--> Model --lay out--> artefacts

Each arrow is a function that returns its value and the diagnostics found so far. The emitters plan and lower each view
as they reach it (`fpc.plan.build`, `fpc.sql.lower_snapshot`, ...), so that no stage holds all trees at once.
"""

from __future__ import annotations

from pathlib import Path

from fpc.checking.whole import check_repository
from fpc.diagnostics.result import Result
from fpc.emit.airflow.layout import dags
from fpc.emit.artefact import Artefact
from fpc.emit.codeowners import codeowners
from fpc.emit.dbt.layout import dbt_project
from fpc.emit.registry import registry_artefacts
from fpc.model.nodes import Model
from fpc.spec.collector import patient_collector

__all__ = ("check_repository", "compile_repository", "lay_out")


def compile_repository(root: Path, target: str | None = None) -> Result[tuple[Artefact, ...]]:
    """The repository's artefacts for a target (default: its default target), by path; none where there are errors.

    The bytes depend on nothing but the specs: not on the time, the machine or the folder. Raises `KeyError` for an
    unknown target.
    """
    checked = check_repository(root)
    if checked.has_errors:
        return Result((), checked.diagnostics)
    return Result(lay_out(checked.value, target), checked.diagnostics)


def lay_out(checked: Model, target: str | None = None) -> tuple[Artefact, ...]:
    """The artefacts of a model without errors, sorted by path."""
    config = checked.config
    chosen = config.targets[target or config.default_target]
    with patient_collector():
        made = [*dbt_project(checked, chosen), *registry_artefacts(checked), *dags(checked, chosen)]
        return tuple(sorted([*made, *codeowners(checked)]))
