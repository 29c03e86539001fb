"""The whole flow, from files to files: load, analyse, check, then plan, lower and lay out.

    features/*.yml --load--> Spec --analyse--> Model --check--> Model --lay out--> artefacts

Each arrow is a function that returns its value and the diagnostics found so far. The emitters plan and lower each view
as they reach it (`fpc.plan.build`, `fpc.sql.lower_snapshot`, ...), so that no stage holds all trees at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fpc import model, rules, spec
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.result import Result
from fpc.emit.airflow.layout import dags
from fpc.emit.artefact import Artefact
from fpc.emit.dbt.layout import dbt_project
from fpc.emit.dbt.names import dbt_models
from fpc.emit.registry import registry_artefacts
from fpc.model.nodes import FileLocation, Model
from fpc.spec.collector import patient_collector

_ARROW: Final = (".arrow", ".feather", ".ipc")


def check_repository(root: Path) -> Result[Model]:
    """Everything that can be known without a database: the model, and all that was found on the way, sorted."""
    loaded = spec.load(root)
    analysed = model.analyse(loaded.value)
    found = [*loaded.diagnostics, *analysed.diagnostics, *rules.check(loaded.value, analysed.value)]
    found += [*_name_clashes(analysed.value).sorted(), *_unreadable_files(analysed.value).sorted()]
    return Result(analysed.value, tuple(sorted(dict.fromkeys(found), key=lambda diagnostic: diagnostic.sort_key)))


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
        return tuple(sorted([*dbt_project(checked, chosen), *registry_artefacts(checked), *dags(checked, chosen)]))


def _name_clashes(checked: Model) -> Findings:
    """Two things that would need one dbt model's name; dbt has one space of names for all kinds."""
    findings = Findings()
    first: dict[str, str] = {}
    for name, kind, span in dbt_models(checked):
        if name in first:
            findings.error(
                codes.DUPLICATE_NAME,
                f"the dbt model of {kind} has the name of another: `{name}`",
                span,
                f"`{name}` is the dbt model of {first[name]} too",
                help="rename one of the two",
            )
        first.setdefault(name, kind)
    return findings


def _unreadable_files(checked: Model) -> Findings:
    """Arrow files, which the engine of a refresh does not read (a training set asked for ad hoc does)."""
    findings = Findings()
    places = [
        (f"source `{source.name}`", source.location.path, source.span)
        for source in checked.sources.values()
        if isinstance(source.location, FileLocation)
    ]
    places += [
        (f"the spine of training set `{declared.name}`", declared.spine.path or "", declared.span)
        for declared in checked.training_sets.values()
    ]
    for what, path, span in places:
        if path.lower().endswith(_ARROW):
            findings.error(
                codes.ENGINE_NOT_BUILT,
                f"{what} is an Arrow file, which a refresh cannot read yet",
                span,
                "declared here",
                help="write it as Parquet",
            )
    return findings
