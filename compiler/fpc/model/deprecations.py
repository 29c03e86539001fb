"""Resolving the deprecations of views and features: dates, and what replaces them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.features import declared_names
from fpc.model.instants import parse_date
from fpc.model.nodes import Deprecation, DerivedFeature, Feature, FeatureView
from fpc.spec.documents import DeprecatedSpec, ViewSpec


def resolve_deprecation(spec: DeprecatedSpec | None, what: str, findings: Findings) -> Deprecation | None:
    """The deprecation of a thing, `what` for people ("a view"); None where it has none, or no dates."""
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
    if remove_after is not None and spec.remove_after is not None and remove_after < since:
        message = f"{what} cannot go before it is deprecated"
        findings.error(codes.DEPRECATION_DATES, message, spec.remove_after.span, f"before {since}")
    return Deprecation(
        since,
        remove_after,
        None if spec.use is None else spec.use.value,
        "" if spec.reason is None else spec.reason.value.strip(),
    )


def deprecated_outputs(view: FeatureView) -> Iterator[tuple[Feature | DerivedFeature, Deprecation]]:
    """The view's features that are deprecated by themselves."""
    for output in view.outputs:
        if output.deprecated is not None:
            yield output, output.deprecated


def check_successors(views: Iterable[ViewSpec], findings: Findings) -> None:
    """Warn of what is to be used instead of something and does not exist, or is that very thing."""
    declared = {view.name.value: view for view in views}
    for view in declared.values():
        use = None if view.deprecated is None else view.deprecated.use
        if use is not None and use.value == view.name.value:
            message = f"`{use.value}` is to be used in its own place"
            findings.warning(codes.UNKNOWN_REPLACEMENT, message, use.span, "the deprecated view itself")
        elif use is not None and use.value not in declared:
            findings.warning(
                codes.UNKNOWN_REPLACEMENT,
                f"unknown view `{use.value}`",
                use.span,
                "no view of this name",
                help=did_you_mean(use.value, declared),
            )
        ends = [item.deprecated for item in view.features]
        ends += [item.deprecated for item in (*view.derived, *view.request_features)]
        for end in ends:
            if end is not None:
                _check_feature(end, view, declared, findings)


def _check_feature(spec: DeprecatedSpec, view: ViewSpec, declared: Mapping[str, ViewSpec], findings: Findings) -> None:
    if spec.use is None:
        return
    before, dot, after = spec.use.value.rpartition(".")
    of = declared.get(before) if dot else view
    known = set[str]() if of is None else declared_names(of)
    if after not in known:
        findings.warning(
            codes.UNKNOWN_REPLACEMENT,
            f"unknown feature `{spec.use.value}`",
            spec.use.span,
            "neither a feature of this view, nor `view.feature` of another",
            help=did_you_mean(after, known) if of is not None else did_you_mean(before, declared),
        )
