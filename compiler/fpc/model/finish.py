"""Building the final nodes of views from drafts and typed bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.bodies import Body, BodyKey, body_key, columns_of, condition_problem, typed_bodies, value_problem
from fpc.model.deprecations import resolve_deprecation
from fpc.model.drafts import DerivedDraft, FeatureDraft, ViewDraft
from fpc.model.examples import resolve_examples
from fpc.model.features import declared_names
from fpc.model.fingerprints import RowsMeaning, derived_fingerprint, feature_fingerprint, view_fingerprint
from fpc.model.nodes import Agreement, DerivedFeature, Feature, FeatureView, Value
from fpc.model.scope import report
from fpc.model.typing import Typing
from fpc.model.values import MisfitError, sql_literal, typed_value
from fpc.model.view_tests import resolve_tests
from fpc.spec.documents import ChangeSpec, DefaultsSpec, FeatureValue, ViewSpec
from fpc.spec.located import Located
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class _Progress:
    """A view's outputs as they are built."""

    draft: ViewDraft
    rows: RowsMeaning
    features: list[Feature] = field(default_factory=list)
    derived: list[DerivedFeature] = field(default_factory=list)
    types: dict[str, LogicalType] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def finish_views(
    drafts: list[ViewDraft], defaults_of: Callable[[ViewSpec], DefaultsSpec], typing: Typing, findings: Findings
) -> dict[str, FeatureView]:
    """The finished views by name; features with errors are left out of them."""
    bodies = typed_bodies(drafts, typing)
    sources: dict[tuple[str, frozenset[str]], str] = {}
    views = [_begin(draft, bodies, sources, typing, findings) for draft in drafts]
    _type_derived(views, typing, findings)
    return {
        view.draft.spec.name.value: _finished(view, defaults_of(view.draft.spec), typing, findings) for view in views
    }


def _begin(
    draft: ViewDraft,
    bodies: Mapping[BodyKey, Body],
    sources: dict[tuple[str, frozenset[str]], str],
    typing: Typing,
    findings: Findings,
) -> _Progress:
    """The view with its features, its derived ones still to come."""
    where, text = draft.where, draft.spec.where
    if where is not None and text is not None:
        answer = typing.type_of(where, draft.scope.types)
        problem = condition_problem(answer, "`where`", text.value, 0, len(text.value))
        if problem is not None:
            report((problem,), text, findings)
    rows = RowsMeaning(draft.source, draft.key_columns, draft.entity, where, draft.closed, sources)
    view = _Progress(draft, rows)
    view.used.update(column for _, column in draft.key_columns)
    if where is not None:
        view.used.update(columns_of(where))
    base = frozenset(view.used)
    for feature in draft.features:
        body = bodies[body_key(draft, feature)]
        if body.type is None:
            body.report(feature, findings)
            continue
        view.used |= body.used
        _add_feature(view, feature, body, base | body.used, findings)
    return view


def _add_feature(view: _Progress, draft: FeatureDraft, body: Body, used: frozenset[str], findings: Findings) -> None:
    assert body.type is not None
    value, default = _default(draft.default, body.type, findings)
    fingerprint = feature_fingerprint(body.meaning, str(body.type), value, draft.window, view.rows.of(used))
    feature = Feature(
        draft.name,
        draft.description,
        draft.window,
        body.calls,
        draft.tree,
        body.type,
        default,
        draft.tags,
        draft.sql,
        draft.span,
        fingerprint,
        value,
        resolve_deprecation(draft.deprecated, "a feature", findings),
    )
    view.features.append(feature)
    view.types[draft.name] = body.type
    view.fingerprints[draft.name] = fingerprint


def _default(
    default: Located[FeatureValue] | None, type: LogicalType, findings: Findings
) -> tuple[Value, exp.Expr | None]:
    """The default as a value and as a typed SQL literal."""
    if default is None or default.value is None:
        return None, None
    try:
        value = typed_value(default.value, default.text, type)
        return value, sql_literal(value, type)
    except MisfitError as error:
        message = f"the default does not fit a feature of type {type}"
        findings.error(codes.BAD_DEFAULT, message, default.span, f"{type} {error}")
        return None, None


# -- derived features -------------------------------------------------------------------------------------------------


def _type_derived(views: list[_Progress], typing: Typing, findings: Findings) -> None:
    """Type derived features in as many rounds of questions as they build on each other."""
    waiting = [(view, draft) for view in views for draft in view.draft.derived]
    while waiting:
        ready: list[tuple[_Progress, DerivedDraft]] = []
        later: list[tuple[_Progress, DerivedDraft]] = []
        for view, draft in waiting:
            (ready if all(name in view.types for name in draft.inputs) else later).append((view, draft))
        for view, draft in ready:
            typing.want(draft.tree, view.types)
        typing.answer()
        for view, draft in ready:
            _add_derived(view, draft, typing, findings)
        waiting = later if ready else []


def _add_derived(view: _Progress, draft: DerivedDraft, typing: Typing, findings: Findings) -> None:
    spec = draft.spec
    type = typing.type_of(draft.tree, view.types)
    problem = value_problem(type, spec.sql.value)
    if problem is not None:
        report((problem,), spec.sql, findings)
    if problem is not None or not isinstance(type, LogicalType):
        return
    value, default = _default(spec.default, type, findings)
    inputs = {name: view.fingerprints[name] for name in draft.inputs}
    feature = DerivedFeature(
        spec.name.value,
        "" if spec.description is None else spec.description.value.strip(),
        draft.tree,
        draft.inputs,
        type,
        default,
        tuple(tag.value for tag in spec.tags),
        spec.sql.value.strip(),
        spec.name.span,
        derived_fingerprint(draft.tree, str(type), value, inputs, view.types),
        value,
        resolve_deprecation(spec.deprecated, "a feature", findings),
    )
    view.derived.append(feature)
    view.types[feature.name] = type
    view.fingerprints[feature.name] = feature.fingerprint


# -- the whole view ---------------------------------------------------------------------------------------------------


def _finished(view: _Progress, defaults: DefaultsSpec, typing: Typing, findings: Findings) -> FeatureView:
    draft, spec = view.draft, view.draft.spec
    declared = declared_names(spec)
    owner = spec.owner or defaults.owner
    features, derived = tuple(view.features), tuple(view.derived)
    return FeatureView(
        name=spec.name.value,
        version=1 if spec.version is None else spec.version.value,
        description="" if spec.description is None else spec.description.value.strip(),
        owner="" if owner is None else owner.value,
        tags=tuple(tag.value for tag in spec.tags),
        entity=draft.entity,
        source=draft.source,
        key_columns=draft.key_columns,
        where=draft.where,
        closed=draft.closed,
        grid=draft.grid,
        freshness=draft.freshness,
        delay=draft.delay,
        online_ttl=draft.online_ttl,
        start=draft.start,
        granularity=None if spec.granularity is None else spec.granularity.value,
        tier=draft.tier,
        features=features,
        derived=derived,
        tests=resolve_tests(draft, view.types, declared, typing, findings),
        examples=resolve_examples(draft, view.types, declared, findings),
        deprecated=resolve_deprecation(spec.deprecated, "a view", findings),
        span=spec.name.span,
        fingerprint=view_fingerprint((*features, *derived), draft.entity, view.rows.of(frozenset(view.used))),
        changes=tuple(map(_agreement, spec.changes)),
    )


def _agreement(spec: ChangeSpec) -> Agreement:
    reason = "" if spec.reason is None else spec.reason.value.strip()
    return Agreement(spec.version.value, reason, tuple(owner.value for owner in spec.agreed_by))
