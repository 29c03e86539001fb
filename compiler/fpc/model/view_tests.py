"""Resolving the `tests` of views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fpc.contract.defaults import defaulted_column
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import meant_or_known
from fpc.model.drafts import ViewDraft
from fpc.model.nodes import Literal
from fpc.model.queries import read_query
from fpc.model.scope import report
from fpc.model.typing import Typing
from fpc.model.values import MisfitError, typed_literal
from fpc.model.view_test_nodes import (
    DriftTest,
    NoRowsTest,
    NotNullTest,
    NullShareTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    Severity,
    ViewTest,
)
from fpc.spec.documents import TestSpec
from fpc.spec.located import Located
from fpc.types.logical import Kind, LogicalType

#: What a `no_rows` query calls the refreshed table.
THIS: Final = "this"
_METRICS: Final = ("psi", "ks", "js", "wasserstein")
_INSTANT: Final = LogicalType(Kind.TIMESTAMPTZ)
_BOOLEAN: Final = LogicalType(Kind.BOOLEAN)

Types = Mapping[str, LogicalType]


def resolve_tests(
    draft: ViewDraft, types: Types, declared: set[str], typing: Typing, findings: Findings
) -> tuple[ViewTest, ...]:
    """The tests whose features exist; `declared` are the names that a spec gives, `types` those without errors."""
    found = (_resolve(spec, draft, types, declared, typing, findings) for spec in draft.spec.tests)
    return tuple(test for test in found if test is not None)


def _resolve(
    spec: TestSpec, draft: ViewDraft, types: Types, declared: set[str], typing: Typing, findings: Findings
) -> ViewTest | None:
    severity = Severity.ERROR if spec.severity is None else Severity(spec.severity.value)
    names = [_feature(name, draft, types, declared, findings) for name in spec.features]
    features = tuple(name for name in names if name is not None)
    if len(features) < len(names):
        return None
    match spec.kind.value:
        case "not_null":
            return NotNullTest(features, severity) if features else None
        case "null_share":
            return _null_share(spec, features[0], severity, findings)
        case "range":
            return _range(spec, features[0], types[features[0]], severity, findings)
        case "one_of":
            return _one_of(spec, features[0], types[features[0]], severity, findings)
        case "rows":
            return _rows(spec, severity, findings)
        case "no_rows":
            return _no_rows(spec, draft, types, declared, severity, typing, findings)
        case _:
            return _drift(spec, features[0], types[features[0]], findings)


def _feature(name: Located[str], draft: ViewDraft, types: Types, declared: set[str], findings: Findings) -> str | None:
    if name.value in types:
        return name.value
    if name.value not in declared:
        view = draft.spec.name.value
        findings.error(
            codes.UNKNOWN_FEATURE,
            f"unknown feature `{name.value}` in view `{view}`",
            name.span,
            "not a feature of this view",
            help=meant_or_known(name.value, declared),
        )
    return None


def _range(spec: TestSpec, feature: str, type: LogicalType, severity: Severity, findings: Findings) -> RangeTest | None:
    if not type.is_numeric:
        findings.error(
            codes.INVALID_TEST, f"feature `{feature}` is {type} and has no range", spec.features[0].span, "not a number"
        )
        return None
    if spec.min is None and spec.max is None:
        findings.error(codes.INVALID_TEST, "a range needs `min` or `max`", spec.kind.span, "neither is given")
        return None
    if spec.min is not None and spec.max is not None and spec.min.value > spec.max.value:
        findings.error(codes.INVALID_TEST, "no value is in this range", spec.min.span, "`min` is above `max`")
        return None
    return RangeTest(
        feature,
        None if spec.min is None else spec.min.value,
        None if spec.max is None else spec.max.value,
        severity,
    )


def _one_of(
    spec: TestSpec, feature: str, type: LogicalType, severity: Severity, findings: Findings
) -> OneOfTest | None:
    values: list[Literal] = []
    for item in spec.values:
        try:
            values.append(typed_literal(item.value, item.text, type))
        except MisfitError as error:
            findings.error(
                codes.INVALID_TEST,
                f"`{item.text[:60]}` is no value of feature `{feature}`",
                item.span,
                f"{type} {error}",
            )
            return None
    if not values:
        findings.error(codes.INVALID_TEST, "`one_of` needs at least one value", spec.kind.span, "no value passes")
        return None
    return OneOfTest(feature, tuple(values), severity)


def _rows(spec: TestSpec, severity: Severity, findings: Findings) -> RowsTest | None:
    bounds: list[int | None] = []
    for bound in (spec.min, spec.max):
        if bound is not None and (not isinstance(bound.value, int) or bound.value < 0):
            findings.error(codes.INVALID_TEST, "a number of rows is a whole number", bound.span, "not such a number")
            return None
        bounds.append(None if bound is None else int(bound.value))
    least, most = bounds
    if least is None and most is None and spec.change is None:
        findings.error(
            codes.INVALID_TEST, "`rows` needs `min`, `max` or `max_change`", spec.kind.span, "none of them is given"
        )
        return None
    if spec.change is not None and spec.change.value <= 0:
        findings.error(
            codes.INVALID_TEST, "a change is a share of the rows, above 0", spec.change.span, "no change would pass"
        )
        return None
    if least is not None and most is not None and least > most:
        findings.error(codes.INVALID_TEST, "no number of rows passes", spec.kind.span, "`min` is above `max`")
        return None
    return RowsTest(least, most, severity, None if spec.change is None else float(spec.change.value))


def _null_share(spec: TestSpec, feature: str, severity: Severity, findings: Findings) -> NullShareTest | None:
    shares: list[float | None] = []
    for share in (spec.max, spec.change):
        if share is not None and not 0 <= share.value <= 1:
            findings.error(codes.INVALID_TEST, "a share is between 0 and 1", share.span, "not such a share")
            return None
        shares.append(None if share is None else float(share.value))
    most, rise = shares
    if most is None and rise is None:
        findings.error(codes.INVALID_TEST, "`null_share` needs `max` or `max_rise`", spec.kind.span, "neither is given")
        return None
    return NullShareTest(feature, most, rise, severity)


def _no_rows(
    spec: TestSpec,
    draft: ViewDraft,
    types: Types,
    declared: set[str],
    severity: Severity,
    typing: Typing,
    findings: Findings,
) -> NoRowsTest | None:
    assert spec.sql is not None
    query = read_query(spec.sql.value, (THIS,))
    report(query.problems, spec.sql, findings)
    if query.tree is None:
        return None
    if declared <= set(types):
        columns = [(key.name, key.type) for key in draft.entity.keys]
        columns += [(name, type) for name, type in types.items()]
        columns += [(mark, _BOOLEAN) for mark in _marks(draft)]
        problem = typing.describe(query.tree, [*columns, ("as_of", _INSTANT)])
        if problem is not None:
            span = spec.sql.place.within(*problem.find_in(spec.sql.value, 0, len(spec.sql.value)))
            findings.error(
                codes.INVALID_TEST,
                problem.message,
                span,
                "cannot be run over this view",
                notes=(
                    "`this` has the entity's keys, the features, `__defaulted_x` for one with a default, and `as_of`",
                ),
            )
            return None
    return NoRowsTest(query.tree, spec.sql.value.strip(), severity)


def _marks(draft: ViewDraft) -> Iterator[str]:
    """The columns that say where a default stands in."""
    defaults = [(feature.name, feature.default) for feature in draft.features]
    defaults += [(derived.spec.name.value, derived.spec.default) for derived in draft.derived]
    for name, default in defaults:
        if default is not None and default.value is not None:
            yield defaulted_column(name)


def _drift(spec: TestSpec, feature: str, type: LogicalType, findings: Findings) -> DriftTest | None:
    assert spec.metric is not None and spec.baseline is not None
    if spec.metric.value not in _METRICS:
        findings.error(
            codes.INVALID_TEST,
            f"unknown metric `{spec.metric.value}`",
            spec.metric.span,
            f"not one of {', '.join(_METRICS)}",
            help=meant_or_known(spec.metric.value, _METRICS),
        )
        return None
    findings.warning(codes.DRIFT_NOT_BUILT, "drift tests are not run yet", spec.kind.span, "checked, then left aside")
    return DriftTest(
        feature,
        spec.metric.value,
        None if spec.warn is None else spec.warn.value,
        None if spec.error is None else spec.error.value,
        spec.baseline.value,
    )
