"""Typing the expressions of all views, a few statements for the whole repository, and building the final nodes.

Three rounds of questions: what single rows compute (arguments, filters), then what features compute over aggregates,
then derived features, as many rounds as they build on each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.drafts import CallDraft, DerivedDraft, FeatureDraft, ViewDraft
from fpc.model.examples import resolve_examples
from fpc.model.fingerprints import (
    derived_fingerprint,
    feature_fingerprint,
    rows_meaning,
    used_source_meaning,
    view_fingerprint,
)
from fpc.model.instants import parse_date
from fpc.model.nodes import AggregateCall, Deprecation, DerivedFeature, Feature, FeatureView, Literal
from fpc.model.typing import Answer, Typing, Untyped
from fpc.model.values import MisfitError, sql_literal, typed_value
from fpc.model.view_tests import resolve_tests
from fpc.model.views import source_scope
from fpc.spec.documents import DefaultsSpec, DefaultValue, DeprecatedSpec
from fpc.spec.located import Located
from fpc.types.logical import Kind, LogicalType

Types = Mapping[str, LogicalType]


@dataclass(slots=True)
class _Progress:
    """A view's features as they get their types."""

    draft: ViewDraft
    columns: Types
    calls: dict[int, tuple[AggregateCall, ...]] = field(default_factory=dict)
    features: list[Feature] = field(default_factory=list)
    derived: list[DerivedFeature] = field(default_factory=list)
    types: dict[str, LogicalType] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    rows: list[object] = field(default_factory=list)


def finish_views(
    drafts: list[ViewDraft], defaults: DefaultsSpec, typing: Typing, findings: Findings
) -> dict[str, FeatureView]:
    """The finished views by name."""
    progress = [_Progress(draft, source_scope(draft.source, "").types) for draft in drafts]
    _type_rows(progress, typing, findings)
    _type_features(progress, typing, findings)
    _type_derived(progress, typing, findings)
    return {view.draft.spec.name.value: _finished(view, defaults, typing, findings) for view in progress}


# -- what single rows compute -----------------------------------------------------------------------------------------


def _type_rows(views: list[_Progress], typing: Typing, findings: Findings) -> None:
    for view in views:
        for tree in _row_expressions(view.draft):
            typing.want(tree, view.columns)
    typing.answer()
    for view in views:
        where = view.draft.where
        text = view.draft.spec.where
        if where is not None and text is not None:
            _expect_boolean(typing.type_of(where, view.columns), "`where`", text, 0, len(text.value), findings)
        seen: dict[int, tuple[AggregateCall, ...] | None] = {}
        for index, feature in enumerate(view.draft.features):
            key = id(feature.calls)
            if key not in seen:
                seen[key] = _typed_calls(feature, view.columns, typing, findings)
            calls = seen[key]
            if calls is not None:
                view.calls[index] = calls


def _row_expressions(draft: ViewDraft) -> Iterable[exp.Expr]:
    if draft.where is not None:
        yield draft.where
    for feature in draft.features:
        for call in feature.calls:
            yield from call.arguments
            if call.filter is not None:
                yield call.filter


def _typed_calls(
    feature: FeatureDraft, columns: Types, typing: Typing, findings: Findings
) -> tuple[AggregateCall, ...] | None:
    found = []
    for call in feature.calls:
        typed = _typed_call(call, feature, columns, typing, findings)
        if typed is not None:
            found.append(typed)
    return tuple(found) if len(found) == len(feature.calls) else None


def _typed_call(
    call: CallDraft, feature: FeatureDraft, columns: Types, typing: Typing, findings: Findings
) -> AggregateCall | None:
    raw, before = call.raw, findings.count
    types: list[LogicalType] = []
    for argument in call.arguments:
        answer = typing.type_of(argument, columns)
        if isinstance(answer, Untyped):
            _report_untyped(answer, feature.place, raw.start, raw.end, feature.is_sql, findings)
        else:
            types.append(answer)
    if call.filter is not None:
        answer = typing.type_of(call.filter, columns)
        _expect_boolean(answer, "FILTER", feature.place, raw.start, raw.end, findings)
    if findings.count > before:
        return None
    aggregation = BY_NAME[raw.function]
    if types and not aggregation.accepts(types[0]):
        word = raw.function
        span = feature.place.place.within(raw.start, raw.end) if feature.is_sql else feature.place.span
        findings.error(
            codes.AGGREGATE_ARGUMENT,
            f"`{word}` cannot aggregate values of type {types[0]}",
            span,
            f"the argument is {types[0]}",
            help="cast it, or choose another function",
        )
        return None
    return AggregateCall(
        raw.id,
        raw.function,
        call.arguments,
        tuple(types),
        raw.parameters,
        call.filter,
        aggregation.result(types[0] if types else None),
    )


def _expect_boolean(answer: Answer, what: str, text: Located[str], start: int, end: int, findings: Findings) -> None:
    if isinstance(answer, Untyped):
        _report_untyped(answer, text, start, end, True, findings)
    elif answer.kind is not Kind.BOOLEAN:
        findings.error(
            codes.NOT_BOOLEAN,
            f"{what} needs a condition, and this is {answer}",
            text.place.within(start, end),
            "neither true nor false",
            help="compare it with something: `status = 'completed'`",
        )


def _report_untyped(
    answer: Untyped, text: Located[str], start: int, end: int, is_sql: bool, findings: Findings
) -> None:
    """Report DuckDB's complaint at the word that it points at, where the text has that word too."""
    span = text.place.within(start, end) if is_sql else text.span
    if is_sql and answer.word is not None:
        at = text.value.casefold().find(answer.word.casefold(), start)
        if 0 <= at < end:
            span = text.place.within(at, at + len(answer.word))
    findings.error(codes.TYPE_ERROR, answer.message, span, "the types do not fit")


# -- what features compute --------------------------------------------------------------------------------------------


def _type_features(views: list[_Progress], typing: Typing, findings: Findings) -> None:
    for view in views:
        for index, calls in view.calls.items():
            typing.want(view.draft.features[index].tree, {call.id: call.type for call in calls})
    typing.answer()
    for view in views:
        rows: dict[tuple[str, ...], list[object]] = {}
        keys = [column for _, column in view.draft.key_columns]
        for index, calls in view.calls.items():
            draft = view.draft.features[index]
            answer = typing.type_of(draft.tree, {call.id: call.type for call in calls})
            type = _feature_type(answer, draft.place, draft.is_sql, findings)
            if type is None:
                continue
            used = tuple(sorted({*keys, *_used_columns(view.draft.where, calls)}))
            if used not in rows:
                rows[used] = _rows(view.draft, used)
            default = _default(draft.default, type, findings)
            feature = Feature(
                draft.name,
                draft.description,
                draft.window,
                calls,
                draft.tree,
                type,
                default[1],
                draft.tags,
                draft.sql,
                draft.span,
                feature_fingerprint(draft.tree, calls, str(type), default[0], draft.window, rows[used]),
                default[0],
            )
            view.features.append(feature)
            view.types[feature.name] = type
            view.fingerprints[feature.name] = feature.fingerprint


def _feature_type(answer: Answer, text: Located[str], is_sql: bool, findings: Findings) -> LogicalType | None:
    if isinstance(answer, Untyped):
        _report_untyped(answer, text, 0, len(text.value), is_sql, findings)
        return None
    inner = answer
    while inner.element is not None:
        inner = inner.element
    if inner.kind is Kind.INTERVAL:
        findings.error(
            codes.UNSUPPORTED_TYPE,
            "a feature cannot be an interval",
            text.span,
            "the type is interval",
            help="write `DATE_DIFF('minute', a, b)`, or `EPOCH(b) - EPOCH(a)`",
        )
        return None
    return answer


def _default(
    default: Located[DefaultValue] | None, type: LogicalType, findings: Findings
) -> tuple[Literal | tuple[Literal, ...], exp.Expr | None]:
    """The default as a value and as a typed SQL literal."""
    if default is None or default.value is None:
        return None, None
    try:
        if isinstance(default.value, tuple):
            if type.element is None:
                raise MisfitError("takes one value")
            items = tuple(typed_value(item, str(item), type.element) for item in default.value)
            array = exp.Array(expressions=[sql_literal(item, type.element) for item in items])
            return items, exp.cast(array, str(type), dialect="duckdb")
        if type.kind is Kind.LIST:
            raise MisfitError("takes a list, such as `[]`")
        value = typed_value(default.value, default.text, type)
        return value, sql_literal(value, type)
    except MisfitError as error:
        findings.error(
            codes.BAD_DEFAULT, f"the default does not fit a feature of type {type}", default.span, f"{type} {error}"
        )
        return None, None


def _used_columns(where: exp.Expr | None, calls: tuple[AggregateCall, ...]) -> set[str]:
    trees = [argument for call in calls for argument in call.arguments]
    trees.extend(call.filter for call in calls if call.filter is not None)
    if where is not None:
        trees.append(where)
    names: set[str] = set()
    for tree in trees:
        if type(tree) is exp.Column:
            names.add(tree.name)
        else:
            names.update(column.name for column in tree.find_all(exp.Column))
    return names


def _rows(draft: ViewDraft, used: Iterable[str]) -> list[object]:
    meaning = used_source_meaning(draft.source, used)
    return rows_meaning(meaning, draft.key_columns, draft.entity, draft.where, draft.closed)


# -- derived features -------------------------------------------------------------------------------------------------


def _type_derived(views: list[_Progress], typing: Typing, findings: Findings) -> None:
    waiting = {id(view): list(view.draft.derived) for view in views if view.draft.derived}
    by_id = {id(view): view for view in views}
    while waiting:
        asked: list[tuple[_Progress, DerivedDraft]] = []
        for key, drafts in waiting.items():
            view = by_id[key]
            for draft in drafts:
                if all(name in view.types for name in draft.inputs):
                    typing.want(draft.tree, view.types)
                    asked.append((view, draft))
        typing.answer()
        for view, draft in asked:
            waiting[id(view)].remove(draft)
            _type_one_derived(view, draft, typing, findings)
        waiting = {key: drafts for key, drafts in waiting.items() if drafts} if asked else {}


def _type_one_derived(view: _Progress, draft: DerivedDraft, typing: Typing, findings: Findings) -> None:
    spec = draft.spec
    type = _feature_type(typing.type_of(draft.tree, view.types), spec.sql, True, findings)
    if type is None:
        return
    default = _default(spec.default, type, findings)
    inputs = {name: view.fingerprints[name] for name in draft.inputs}
    feature = DerivedFeature(
        spec.name.value,
        "" if spec.description is None else spec.description.value.strip(),
        draft.tree,
        draft.inputs,
        type,
        default[1],
        tuple(tag.value for tag in spec.tags),
        spec.sql.value.strip(),
        spec.name.span,
        derived_fingerprint(draft.tree, str(type), default[0], inputs),
        default[0],
    )
    view.derived.append(feature)
    view.types[feature.name] = type
    view.fingerprints[feature.name] = feature.fingerprint


# -- the whole view ---------------------------------------------------------------------------------------------------


def _finished(view: _Progress, defaults: DefaultsSpec, typing: Typing, findings: Findings) -> FeatureView:
    draft, spec = view.draft, view.draft.spec
    declared = {feature.name for feature in draft.features} | {item.spec.name.value for item in draft.derived}
    used = {column for _, column in draft.key_columns}
    for feature in view.features:
        used |= _used_columns(draft.where, feature.aggregates)
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
        deprecated=_deprecation(spec.deprecated, findings),
        span=spec.name.span,
        fingerprint=view_fingerprint((*features, *derived), draft.entity, _rows(draft, used)),
    )


def _deprecation(spec: DeprecatedSpec | None, findings: Findings) -> Deprecation | None:
    if spec is None:
        return None
    dates: list[str | None] = []
    for text in (spec.since, spec.remove_after):
        try:
            dates.append(None if text is None else parse_date(text.value))
        except ValueError as error:
            assert text is not None
            findings.error(codes.INVALID_INSTANT, f"`{text.value[:60]}` is not a date", text.span, str(error))
            return None
    since, remove_after = dates
    assert since is not None
    if remove_after is not None and remove_after < since and spec.remove_after is not None:
        findings.error(
            codes.DEPRECATION_DATES,
            "a view cannot go before it is deprecated",
            spec.remove_after.span,
            f"before {since}",
        )
    return Deprecation(
        since,
        remove_after,
        None if spec.use is None else spec.use.value,
        "" if spec.reason is None else spec.reason.value.strip(),
    )
