"""Resolving training sets."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.nodes import FeatureService, Mode, Spine, TableLocation, TrainingSet
from fpc.model.queries import read_query
from fpc.model.scope import report
from fpc.model.sources import check_path, resolve_table
from fpc.spec.documents import DefaultsSpec, SpineSpec, TrainingSetSpec


def resolve_training_set(
    spec: TrainingSetSpec,
    services: Mapping[str, FeatureService],
    declared: set[str],
    defaults: DefaultsSpec,
    findings: Findings,
) -> TrainingSet | None:
    """The training set, or None when its service or spine cannot be used."""
    service = services.get(spec.service.value)
    if spec.service.value not in declared:
        findings.error(
            codes.UNKNOWN_NAME,
            f"unknown feature service `{spec.service.value}`",
            spec.service.span,
            "no service of this name",
            help=did_you_mean(spec.service.value, declared),
        )
    spine = _spine(spec.spine, findings)
    if service is None or spine is None:
        return None
    owner = spec.owner or defaults.owner
    return TrainingSet(
        spec.name.value,
        "" if spec.description is None else spec.description.value.strip(),
        service.owner if owner is None else owner.value,
        service,
        spine,
        Mode.AS_SERVED if spec.mode is None else Mode(spec.mode.value),
        spec.name.span,
    )


def _spine(spec: SpineSpec, findings: Findings) -> Spine | None:
    path: str | None = None
    table: TableLocation | None = None
    query: exp.Query | None = None
    if spec.path is not None:
        if not check_path(spec.path, findings):
            return None
        path = spec.path.value
    elif spec.table is not None:
        table = resolve_table(spec.table, findings)
        if table is None:
            return None
    elif spec.sql is not None:
        read = read_query(spec.sql.value, None)
        report(read.problems, spec.sql, findings)
        if read.tree is None:
            return None
        query = read.tree
    for label in spec.labels:
        if label.value == spec.time.value:
            findings.error(
                codes.INVALID_VALUE, f"`{label.value}` cannot be time and label at once", label.span, "the spine's time"
            )
    return Spine(path, table, query, spec.time.value, tuple(label.value for label in spec.labels))
