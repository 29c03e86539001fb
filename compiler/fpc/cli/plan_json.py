"""A plan as JSON, for programs: docs/plan.schema.json says what stands in it.

Keys are only ever added to format 1; one that goes, or comes to mean something else, makes it format 2.
"""

from __future__ import annotations

from typing import Any, Final

from fpc.change.nodes import Change, Impact, Plan
from fpc.cli.git_state import Commit
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.printable_json import printable_json
from fpc.effect.nodes import QUANTILES, Cost, FeatureEffect, Measured, ViewEffect
from fpc.runtime.grid import instant_text

FORMAT: Final = 1


def plan_json(plan: Plan, commit: Commit, measured: Measured) -> str:
    """The whole plan; nothing is left out, however long it is."""
    return printable_json(
        {
            "format": FORMAT,
            "against": {"ref": commit.ref, "commit": commit.hash},
            "changes": [_change(change) for change in plan.changes],
            "impacts": [_impact(impact) for impact in plan.impacts],
            "effects": [_effect(effect) for _, effect in sorted(measured.effects.items())],
            "backfills": [_cost(cost) for _, cost in sorted(measured.costs.items())],
            "problems": [_problem(problem) for problem in plan.problems],
        }
    )


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "name": change.name,
        "was": change.was,
        "classes": [kind.value for kind in change.classes],
        "owner": change.owner,
        "place": {"path": change.span.path, "line": change.span.line, "column": change.span.column},
        "differences": [
            {"property": d.property, "before": d.before, "after": d.after, "effect": d.effect.value}
            for d in change.differences
        ],
        "sql_diff": list(change.sql),
        "features": [_change(part) for part in change.parts],
    }


def _impact(impact: Impact) -> dict[str, Any]:
    return {
        "view": impact.view,
        "services": [
            {"name": reader.service, "owner": reader.owner, "model": reader.model, "features": list(reader.features)}
            for reader in impact.readers
        ],
        "models": list(impact.models),
        "training_sets": list(impact.training_sets),
        "downstream_views": list(impact.downstream),
        "owners": list(impact.owners),
        "online_rows_written_anew": impact.refilled,
        "history_of_other_meaning": impact.recomputed,
        "version_before": impact.version_before,
        "version_after": impact.version_after,
        "version_bump": impact.bump.value,
    }


def _effect(effect: ViewEffect) -> dict[str, Any]:
    return {
        "view": effect.view,
        "at": instant_text(effect.at_us),
        "entities": effect.entities,
        "compared": effect.compared,
        "note": effect.note or None,
        "features": [_feature(feature, effect.compared) for feature in effect.features],
    }


def _feature(feature: FeatureEffect, compared: int) -> dict[str, Any]:
    return {
        "name": feature.name,
        "was": feature.was,
        "changed": feature.changed,
        "changed_share": feature.changed / compared if compared else None,
        "nulls_before": feature.nulls_before,
        "nulls_after": feature.nulls_after,
        "quantiles": None
        if feature.quantiles_before is None and feature.quantiles_after is None
        else {
            "shares": list(QUANTILES),
            "before": None if feature.quantiles_before is None else list(feature.quantiles_before),
            "after": None if feature.quantiles_after is None else list(feature.quantiles_after),
        },
        "rows": [{"keys": list(row.keys), "before": row.before, "after": row.after} for row in feature.rows],
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "view": cost.view,
        "start": None if cost.start_us is None else instant_text(cost.start_us),
        "end": None if cost.end_us is None else instant_text(cost.end_us),
        "partitions": cost.partitions,
        "points": cost.points,
        "files": cost.files,
        "rows": cost.rows,
        "bytes": cost.bytes,
        "note": cost.note or None,
    }


def _problem(problem: Diagnostic) -> dict[str, Any]:
    span = None if problem.label is None else problem.label.span
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "place": None if span is None else {"path": span.path, "line": span.line, "column": span.column},
        "notes": list(problem.notes),
        "help": problem.help,
    }
