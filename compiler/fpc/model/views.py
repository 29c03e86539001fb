"""Resolving feature views up to, but without, the types of their expressions."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import meant_or_known
from fpc.model.derived import resolve_derived
from fpc.model.drafts import FeatureDraft, Reading, ViewDraft
from fpc.model.expressions import read_expression
from fpc.model.features import expand
from fpc.model.instants import parse_instant
from fpc.model.nodes import Closed, Config, Entity, Grid, Source, Tier
from fpc.model.schedule import longest_gap, resolve_grid
from fpc.model.scope import Scope, report
from fpc.spec.documents import DefaultsSpec, FeatureSpec, ViewSpec
from fpc.spec.located import Located
from fpc.types.duration import Duration
from fpc.types.logical import Kind

#: What every published table has beside keys and features.
AS_OF_COLUMN = "as_of"
_WHOLE = (Kind.INTEGER, Kind.BIGINT, Kind.HUGEINT)
_NO_DELAY = Duration(0)


def resolve_view(
    spec: ViewSpec,
    source: Source,
    entity: Entity,
    reading: Reading,
    defaults: DefaultsSpec,
    config: Config,
    findings: Findings,
) -> ViewDraft | None:
    """The view with its columns found, or None when its schedule or keys are of no use."""
    scope = reading.scope
    schedule = resolve_grid(spec, defaults, config.streaming_below, findings)
    keys = _keys(spec, entity, source, scope, findings)
    where = _where(spec.where, scope, findings)
    features = _features(spec, entity, reading, findings)
    derived = resolve_derived(spec, features, entity, findings)
    start = instant_of(spec.start, findings)
    if schedule is None or keys is None:
        return None
    grid, freshness, tier = schedule
    delay, ttl = spec.delay or defaults.delay, spec.online_ttl or defaults.online_ttl
    closed = spec.closed or defaults.closed
    draft = ViewDraft(
        spec,
        entity,
        source,
        scope,
        keys,
        where,
        Closed.LEFT if closed is None else Closed(closed.value),
        grid,
        freshness,
        _NO_DELAY if delay is None else delay.value,
        None if ttl is None else ttl.value,
        start,
        tier,
        features,
        derived,
    )
    _check_later(draft, findings)
    _check_times(draft, findings)
    return draft


def source_scope(source: Source, note: str) -> Scope:
    """The columns of a source as expressions see them: naive timestamps are staged as instants."""
    types = {column.name: column.staged_type for column in source.columns}
    hint = "a feature of this view can be computed with in `derived`"
    return Scope.of(source.name, f"source `{source.name}`", codes.UNKNOWN_COLUMN, "column", types, note, hint)


def instant_of(text: Located[str] | None, findings: Findings) -> int | None:
    """The instant that a text of a spec spells, in microseconds, or None after reporting that it spells none."""
    if text is None:
        return None
    try:
        return parse_instant(text.value)
    except (ValueError, OverflowError) as error:
        findings.error(
            codes.INVALID_INSTANT,
            f"`{text.value[:60]}` is not an instant",
            text.span,
            str(error),
            help="write `2024-03-08`, or `2024-03-08T12:00:00Z`",
        )
        return None


def _keys(
    spec: ViewSpec, entity: Entity, source: Source, scope: Scope, findings: Findings
) -> tuple[tuple[str, str], ...] | None:
    """Each key of the entity with the source's column that holds it."""
    names = [key.name for key in entity.keys]
    written = {key.value: column for key, column in spec.keys}
    for word, _ in spec.keys:
        if word.value not in names:
            findings.error(
                codes.KEY_MISMATCH,
                f"`{word.value}` is not a key of entity `{entity.name}`",
                word.span,
                "not a key of this entity",
                help=meant_or_known(word.value, names),
            )
    found: list[tuple[str, str]] = []
    for key in entity.keys:
        text = written.get(key.name)
        column = scope.folded.get(key.name.casefold()) if text is None else scope.find(text, findings)
        if column is None:
            if text is None:
                assert spec.entity is not None
                findings.error(
                    codes.KEY_MISMATCH,
                    f"source `{source.name}` has no column for key `{key.name}` of entity `{entity.name}`",
                    spec.entity.span,
                    f"needs `{key.name}`",
                    notes=() if scope.note is None else (scope.note,),
                    help=f"say which column holds it: `keys: {{{key.name}: ...}}`",
                )
            continue
        type = scope.types[column]
        if not (type == key.type or (type.kind in _WHOLE and key.type.kind in _WHOLE)):
            span = spec.name.span if text is None else text.span
            findings.error(
                codes.KEY_MISMATCH,
                f"key `{key.name}` is {key.type}, but column `{column}` is {type}",
                span,
                "keys of two types never meet",
                help="declare both with one type",
            )
        found.append((key.name, column))
    return tuple(found) if len(found) == len(entity.keys) else None


def _where(text: Located[str] | None, scope: Scope, findings: Findings) -> exp.Expr | None:
    if text is None:
        return None
    expression = read_expression(text.value)
    report(expression.problems, text, findings)
    for call in expression.calls:
        findings.error(
            codes.AGGREGATE_NOT_ALLOWED,
            "`where` looks at one row and cannot aggregate",
            text.place.within(call.start, call.end),
            "an aggregate",
            help="filter what one feature counts with `FILTER (WHERE ...)`",
        )
    for start, end in expression.as_of:
        findings.error(
            codes.AS_OF_IN_AGGREGATE,
            "`AS_OF()` cannot stand in `where`",
            text.place.within(start, end),
            "single events are looked at here",
            help="say which events count with `window`",
        )
    fits = scope.check(expression, text, findings)
    if expression.tree is None or expression.calls or expression.as_of or not fits:
        return None
    return scope.named(expression, expression.tree)


def _features(spec: ViewSpec, entity: Entity, reading: Reading, findings: Findings) -> tuple[FeatureDraft, ...]:
    taken = {key.name: "a key of the entity" for key in entity.keys}
    taken[AS_OF_COLUMN] = "the instant of the refresh"
    found: list[FeatureDraft] = []
    for item in spec.features:
        for feature in expand(item, reading, findings):
            if feature.name in taken:
                _report_taken(feature.name, feature.place if item.name is None else item.name, taken, findings)
                continue
            taken[feature.name] = "another feature"
            found.append(feature)
    return tuple(found)


def _report_taken(name: str, place: Located[str], taken: Mapping[str, str], findings: Findings) -> None:
    code = codes.DUPLICATE_NAME if taken[name] == "another feature" else codes.RESERVED_NAME
    findings.error(code, f"`{name}` names {taken[name]} already", place.span, "taken", help="give it another name")


def _check_later(draft: ViewDraft, findings: Findings) -> None:
    """What the spec language has and this release does not build."""
    spec = draft.spec
    if draft.tier is Tier.STREAMING:
        assert spec.freshness is not None or draft.freshness is not None
        span = spec.name.span if spec.freshness is None else spec.freshness.span
        findings.error(
            codes.STREAMING_NOT_BUILT,
            "streaming views are not built yet",
            span,
            f"a freshness of {draft.freshness} asks for one",
            help="ask for a longer freshness, or lower `tiers: {streaming_below: ...}` in fpc.yml to have "
            "it refreshed in batches",
        )
    elif spec.granularity is not None:
        findings.warning(
            codes.GRANULARITY_UNUSED,
            "a granularity is for streaming views alone",
            spec.granularity.span,
            "without effect: this view is refreshed by schedule",
        )
    for column in spec.request:
        findings.error(
            codes.CONFLICTING_KEYS,
            "`request` is for views with `freshness: request`",
            column.name.span,
            "this view has a source",
        )
        break


def _check_times(draft: ViewDraft, findings: Findings) -> None:
    """Times that contradict each other."""
    ttl, spec = draft.online_ttl, draft.spec
    place = spec.online_ttl
    every = None if ttl is None else longest_gap(draft.grid)
    if ttl is not None:
        span = spec.name.span if place is None else place.span
        if ttl <= draft.delay:
            findings.error(
                codes.TTL_TOO_SHORT,
                f"values expire after {ttl}, before they are published",
                span,
                f"published {draft.delay} after the instant that they are as of",
            )
        elif every is not None and ttl.microseconds < every.microseconds + draft.delay.microseconds:
            findings.warning(
                codes.TTL_TOO_SHORT,
                f"values expire after {ttl}, before the next are published",
                span,
                f"refreshed every {every}, published {draft.delay} later",
                help="make it longer than the time between refreshes and the delay together",
            )
    if draft.grid.every is not None:
        _check_windows(draft.spec.features, draft.grid, findings)


def _check_windows(features: tuple[FeatureSpec, ...], grid: Grid, findings: Findings) -> None:
    assert grid.every is not None
    for feature in features:
        for window in feature.windows:
            if window.value is not None and window.value < grid.every:
                findings.warning(
                    codes.WINDOW_SHORTER_THAN_REFRESH,
                    f"a window of {window.text} is refreshed every {grid.every}",
                    window.span,
                    "shorter than the time between refreshes",
                    help="most events never show in the value; refresh more often or look further back",
                )
