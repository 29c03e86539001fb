"""Resolving derived features: their inputs found, in an order in which each follows what it uses."""

from __future__ import annotations

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.drafts import DerivedDraft, FeatureDraft
from fpc.model.expressions import read_expression
from fpc.model.features import check_name, declared_names
from fpc.model.nodes import Entity
from fpc.model.scope import Scope, report
from fpc.spec.documents import DerivedSpec, ViewSpec
from fpc.types.logical import Kind, LogicalType

_UNKNOWN = LogicalType(Kind.BIGINT)


def resolve_derived(
    spec: ViewSpec, features: tuple[FeatureDraft, ...], entity: Entity, findings: Findings
) -> tuple[DerivedDraft, ...]:
    """The derived features of a view in the order of computation; those in a circle are reported and left out."""
    taken = {feature.name for feature in features}
    names = taken | {key.name for key in entity.keys} | {"as_of"}
    specs: dict[str, DerivedSpec] = {}
    for item in spec.derived:
        name = item.name.value
        if not check_name(name, item.name, findings):
            continue
        if name in names or name in specs:
            findings.error(
                codes.DUPLICATE_NAME,
                f"`{name}` names another column of this view",
                item.name.span,
                "taken",
                help="give it another name",
            )
            continue
        specs[name] = item
    scope = Scope.of(
        spec.name.value,
        f"view `{spec.name.value}`",
        codes.UNKNOWN_FEATURE,
        "feature",
        dict.fromkeys(sorted(declared_names(spec)), _UNKNOWN),
    )
    drafts = {}
    for name, item in specs.items():
        draft = _draft(item, scope, findings)
        if draft is not None:
            drafts[name] = draft
    return tuple(_ordered(drafts, findings))


def _draft(spec: DerivedSpec, scope: Scope, findings: Findings) -> DerivedDraft | None:
    expression = read_expression(spec.sql.value)
    report(expression.problems, spec.sql, findings)
    for call in expression.calls:
        findings.error(
            codes.AGGREGATE_NOT_ALLOWED,
            "a derived feature is computed from features and cannot aggregate",
            spec.sql.place.within(call.start, call.end),
            "an aggregate",
            help="aggregates belong under `features`, with a window",
        )
    if expression.tree is None or expression.calls or not scope.check(expression, spec.sql, findings):
        return None
    tree = scope.named(expression, expression.tree)
    inputs = tuple(dict.fromkeys(scope.folded[use.name.casefold()] for use in expression.columns))
    if not inputs:
        findings.error(
            codes.NO_AGGREGATE, "a derived feature needs a feature", spec.sql.span, "the same value for every entity"
        )
        return None
    return DerivedDraft(spec, tree, inputs)


def _ordered(drafts: dict[str, DerivedDraft], findings: Findings) -> list[DerivedDraft]:
    """Each after its inputs, in the order of the spec where that leaves a choice."""
    done: list[DerivedDraft] = []
    waiting = dict(drafts)
    while waiting:
        ready = [name for name, draft in waiting.items() if not any(item in waiting for item in draft.inputs)]
        if not ready:
            _report_cycle(waiting, findings)
            break
        for name in ready:
            done.append(waiting.pop(name))
    return done


def _report_cycle(waiting: dict[str, DerivedDraft], findings: Findings) -> None:
    """Report one circle; what merely hangs on it is not at fault."""
    path: list[str] = []
    name = next(iter(waiting))
    while name not in path:
        path.append(name)
        name = next(item for item in waiting[name].inputs if item in waiting)
    circle = path[path.index(name) :]
    shown = " -> ".join(f"`{item}`" for item in (*circle, name))
    findings.error(
        codes.DERIVED_CYCLE,
        f"derived features depend on each other in a circle: {shown}",
        waiting[name].spec.sql.span,
        "part of the circle",
        help="compute one of them from features alone",
    )
